"""A wrong set-up of Lakebase is reported within seconds, and no secret is shown.

Every command here runs at DEBUG with tracebacks, and every byte of it is searched.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from deploy.sandbox.backend import PRINCIPAL, Backend
from deploy.sandbox.find_secrets import leaked
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import BRANCH, ENDPOINT, READ_ONLY_BRANCH, Workspace
from deploy.sandbox.workspace.faults import Fault, FaultKind
from deploy.sandbox.workspace.server import serving
from tests.support.command import command
from tests.support.long_form import some
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

UUID = "0b9c6f4e-2d1a-4c53-9e6f-7f3f5d1c2a80"
_AT_ONCE = 4


@dataclass(frozen=True)
class Case:
    """A set-up: how it differs from the right one, and what its last line says.

    `secret` is one that the case itself brings in.
    """

    name: str
    code: ExitCode
    says: str
    changes: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    command: tuple[str, ...] = ("status", "--json")
    secret: str | None = None


def case(
    name: str,
    code: ExitCode,
    says: str,
    fault: Fault | None = None,
    secret: str | None = None,
    **changes: str,
) -> Case:
    return Case(name, code, says, changes, fault, secret=secret)


RIGHT = [
    case("an endpoint", ExitCode.SUCCESS, "[]"),
    case("an endpoint whose host the workspace tells", ExitCode.SUCCESS, "[]", POSTGRES_HOST=""),
    case(
        "a branch whose host the workspace tells",
        ExitCode.SUCCESS,
        "[]",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME=BRANCH,
        POSTGRES_HOST="",
    ),
    case("one endpoint by two names", ExitCode.SUCCESS, "[]", LAKEBASE_INSTANCE_NAME=ENDPOINT),
    case(
        "the host by the name that counts, beside another",
        ExitCode.SUCCESS,
        "[]",
        PGHOST="127.0.0.1",
        POSTGRES_HOST="nowhere.invalid",
    ),
    case(
        "an instance and a user",
        ExitCode.SUCCESS,
        "[]",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME="sandbox",
        PGUSER=PRINCIPAL,
    ),
    case(
        "one of two logins chosen",
        ExitCode.SUCCESS,
        "[]",
        secret="dapi0123456789abcdef0123456789abcdef",
        DATABRICKS_TOKEN="dapi0123456789abcdef0123456789abcdef",
        DATABRICKS_AUTH_TYPE="oauth-m2m",
    ),
]
REFUSED = [
    case(
        "two databases",
        ExitCode.CONFIGURATION,
        "LAKEBASE_ENDPOINT and LAKEBASE_INSTANCE_NAME contradict",
        LAKEBASE_INSTANCE_NAME="sandbox",
    ),
    *(
        case(
            f"{name} for an instance's name",
            ExitCode.CONFIGURATION,
            "LAKEBASE_INSTANCE_NAME: an instance name is a name such as ontos, not a host",
            LAKEBASE_ENDPOINT="",
            LAKEBASE_INSTANCE_NAME=name,
        )
        for name in (f"instance-{UUID}.database.cloud.databricks.com", UUID)
    ),
    case(
        "a name for an endpoint's path",
        ExitCode.CONFIGURATION,
        "LAKEBASE_ENDPOINT: an endpoint is a path such as projects/",
        LAKEBASE_ENDPOINT="ontos",
    ),
    case(
        "a token in the clear to another machine",
        ExitCode.CONFIGURATION,
        "PGSSLMODE=prefer would send a token in the clear to db.example",
        POSTGRES_HOST="db.example",
        PGSSLMODE="prefer",
    ),
    case(
        "another host than the database's",
        ExitCode.WORKSPACE,
        "the host localhost is not that of the endpoint projects/sandbox",
        POSTGRES_HOST="localhost",
    ),
    case(
        "no folder of secrets",
        ExitCode.CONFIGURATION,
        "DQX_WORKER_SECRETS: /nowhere is not a folder that can be read",
        DQX_WORKER_SECRETS="/nowhere",
    ),
    case(
        "verified TLS, which is the default, and a server without TLS",
        ExitCode.DATABASE,
        "rejected SSL upgrade",
        PGSSLMODE="",
    ),
    case(
        "a user that the token is not for",
        ExitCode.DATABASE,
        "Could not log in to postgresql://nobody%40example.com:****@127.0.0.1:",
        PGUSER="nobody@example.com",
    ),
    case(
        "an instance that is not there",
        ExitCode.WORKSPACE,
        "No database token for the database instance ontos: http://127.0.0.1:",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME="ontos",
    ),
    case(
        "a branch that is not there",
        ExitCode.WORKSPACE,
        "No database token for the branch projects/sandbox/branches/absent: http://127.0.0.1:",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME="projects/sandbox/branches/absent",
    ),
    case(
        "a branch without a read-write endpoint",
        ExitCode.WORKSPACE,
        f"the branch {READ_ONLY_BRANCH} has no read-write endpoint",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME=READ_ONLY_BRANCH,
    ),
    *(
        case(
            f"{fault.kind} where the endpoints of a branch are listed",
            ExitCode.WORKSPACE,
            says,
            fault,
            LAKEBASE_ENDPOINT="",
            LAKEBASE_INSTANCE_NAME=BRANCH,
        )
        for fault, says in (
            (Fault(FaultKind.FORBIDDEN, "/endpoints", 99), "does not permit it (PERMISSION_DENIED"),
            (Fault(FaultKind.SERVER_ERROR, "/endpoints", 99), "can't answer now (INTERNAL_ERROR"),
            (Fault(FaultKind.HANG, "/endpoints", 99), "did not answer before the deadline"),
        )
    ),
    case(
        "a path that is no database's",
        ExitCode.CONFIGURATION,
        "LAKEBASE_INSTANCE_NAME: a path is a branch such as projects/",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME="projects/sandbox",
    ),
    case(
        "a wrong client secret",
        ExitCode.WORKSPACE,
        "refuses DATABRICKS_CLIENT_ID or its secret (invalid_client)",
        secret="dose-wrong-secret-1234567890",
        DATABRICKS_CLIENT_SECRET="dose-wrong-secret-1234567890",
    ),
    case(
        "two ways to log in",
        ExitCode.WORKSPACE,
        "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET and DATABRICKS_TOKEN are set",
        secret="dapi0123456789abcdef0123456789abcdef",
        DATABRICKS_TOKEN="dapi0123456789abcdef0123456789abcdef",
    ),
    case(
        "a workspace that is not there",
        ExitCode.WORKSPACE,
        "http://127.0.0.1:1 can't be reached (ConnectionError)",
        DATABRICKS_HOST="http://127.0.0.1:1",
    ),
    case(
        "an identity without permission",
        ExitCode.WORKSPACE,
        "does not permit it (PERMISSION_DENIED",
        Fault(FaultKind.FORBIDDEN, times=99),
    ),
    case(
        "a token endpoint that hangs",
        ExitCode.WORKSPACE,
        "did not answer before the deadline",
        Fault(FaultKind.HANG, "/oidc/v1/token", times=99),
    ),
    case(
        "a workspace that fails",
        ExitCode.WORKSPACE,
        "can't answer now (INTERNAL_ERROR",
        Fault(FaultKind.SERVER_ERROR, times=99),
    ),
    case(
        "answers that are cut short",
        ExitCode.WORKSPACE,
        "gave an answer that can't be read",
        Fault(FaultKind.BROKEN_JSON, times=99),
    ),
]


@pytest.fixture
def environment_of(
    server: Postgres, backend: Backend, database: Database, tmp_path: Path
) -> Iterator[Callable[[], tuple[Workspace, dict[str, str]]]]:
    """Makes a workspace of its own for each case, and the environment of a right set-up."""
    # The role has one password: the one who sets it has to be that role.
    issuer = server_workspace(server, timedelta(minutes=5)).issuer
    with ExitStack() as stack:

        def make() -> tuple[Workspace, dict[str, str]]:
            workspace = server_workspace(server, timedelta(minutes=5))
            workspace.issuer = issuer
            url = stack.enter_context(serving(workspace))
            environment = oauth_environment(backend.worker, url, workspace, tmp_path)
            return workspace, environment | {
                "DATABRICKS_CONFIG_FILE": "/dev/null",
                "DQX_WORKER_LOG_LEVEL": "debug",
            }

        yield make


async def run(
    made: tuple[Workspace, dict[str, str]], one: Case, secrets: list[str]
) -> tuple[int, str]:
    """Run a case; return its exit code and its last line. `secrets` are looked for, too."""
    workspace, right = made
    if one.fault:
        workspace.faults.add(one.fault)
    answer = await command(right | one.changes, "--traceback", *one.command)
    known = [*workspace.secrets, *secrets, *([one.secret] if one.secret else [])]
    assert leaked(known, (answer.stdout + answer.stderr).encode()) == [], one.name
    lines = (answer.stderr if answer.returncode else answer.stdout).splitlines()
    return answer.returncode, lines[-1]


async def test_what_is_right_gets_in_and_what_is_wrong_is_reported(
    environment_of: Callable[[], tuple[Workspace, dict[str, str]]], backend: Backend
) -> None:
    limiter = anyio.CapacityLimiter(_AT_ONCE)
    wrong: list[str] = []

    async def check(one: Case) -> None:
        async with limiter:
            code, line = await run(environment_of(), one, [backend.owner.password])
        if code != one.code or one.says not in line:
            wrong.append(f"{one.name}: exit {code}, {line}")

    assert len(REFUSED) >= 12
    async with anyio.create_task_group() as tasks:
        for one in some([*RIGHT, *REFUSED], 3):
            tasks.start_soon(check, one)
    assert wrong == []


async def test_secrets_may_come_as_files(
    environment_of: Callable[[], tuple[Workspace, dict[str, str]]], tmp_path: Path
) -> None:
    workspace, right = environment_of()
    (tmp_path / "DATABRICKS_CLIENT_SECRET").write_text(right.pop("DATABRICKS_CLIENT_SECRET") + "\n")
    made = workspace, right | {"DQX_WORKER_SECRETS": str(tmp_path)}

    assert await run(made, Case("a file", ExitCode.SUCCESS, ""), []) == (ExitCode.SUCCESS, "[]")
    reported = Case("its source", ExitCode.SUCCESS, "", command=("config", "--json"))
    code, line = await run(made, reported, [])
    (row,) = [row for row in json.loads(line) if row["variable"] == "DATABRICKS_CLIENT_SECRET"]
    assert (code, row["value"], row["source"]) == (ExitCode.SUCCESS, "**********", "file")


async def test_what_is_set_for_a_password_is_said_to_be_ignored(
    environment_of: Callable[[], tuple[Workspace, dict[str, str]]],
) -> None:
    _, right = environment_of()
    answer = await command(
        right
        | {
            "POSTGRES_USER": "old",
            "POSTGRES_PASSWORD": "old-secret",
            # It ends when it finds no such endpoint, long before Spark.
            "LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e",
        },
        "run",
    )
    assert answer.returncode == ExitCode.WORKSPACE
    ignored = [
        line["variable"]
        for line in map(json.loads, answer.stderr.splitlines())
        if line["event"] == "credential.setting_ignored"
    ]
    assert ignored == ["POSTGRES_USER", "POSTGRES_PASSWORD"]
    assert "old-secret" not in answer.stderr


async def test_a_worker_logs_once_which_of_two_variables_counts(
    environment_of: Callable[[], tuple[Workspace, dict[str, str]]],
) -> None:
    _, right = environment_of()
    answer = await command(
        right
        | {
            "PGHOST": "127.0.0.1",
            "POSTGRES_HOST": "nowhere.invalid",
            "PGSCHEMA": "public",
            "POSTGRES_DB_SCHEMA": "another",
            # It ends when it finds no such endpoint.
            "LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e",
        },
        "run",
    )
    assert answer.returncode == ExitCode.WORKSPACE
    (overruled,) = [
        line
        for line in map(json.loads, answer.stderr.splitlines())
        if line["event"] == "setting.overruled"
    ]
    assert overruled["used"] == ["PGHOST", "PGSCHEMA"]
    assert overruled["ignored"] == ["POSTGRES_HOST", "POSTGRES_DB_SCHEMA"]
    assert "nowhere.invalid" not in answer.stderr
