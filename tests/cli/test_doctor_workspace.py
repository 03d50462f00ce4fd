"""A workspace that fails, or is set up wrongly: the doctor's hint leads to what cures it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.sandbox.backend import PRINCIPAL, Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment, worker_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import BRANCH, READ_ONLY_BRANCH, Workspace
from deploy.sandbox.workspace.faults import Fault, FaultKind
from deploy.sandbox.workspace.server import serving
from tests.support.command import migrate
from tests.support.doctor import Case, Report, check, examine_all
from tests.support.long_form import some
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

SUCCESS, CONFIGURATION, DATABASE, WORKSPACE = (
    ExitCode.SUCCESS,
    ExitCode.CONFIGURATION,
    ExitCode.DATABASE,
    ExitCode.WORKSPACE,
)
PERSONAL = "dapi0123456789abcdef0123456789abcdef"
POOLER = "ep-1-pooler.database.invalid"
WRONG_SECRET = "dose-wrong-secret-1234567890"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Asking(Case):
    """A case with what its workspace does wrong. `password` is whether no token is needed.

    `other_hosts` is what the workspace names beside the host of the endpoint.
    """

    faults: Sequence[Fault] = field(default=())
    password: bool = False
    other_hosts: Mapping[str, str] = field(default_factory=dict)


def settings(name: str, step: str, code: ExitCode, *words: str, **changes: str) -> Asking:
    return Asking(name, step, code, words, changes)


def fault(
    kind: FaultKind,
    step: str,
    *words: str,
    code: ExitCode = WORKSPACE,
    path: str = "/credentials",
    seconds: float = 1.0,
) -> Asking:
    fault = Fault(kind, path, times=99, seconds=seconds)
    return Asking(f"{kind} of {path}", step, code, words, faults=(fault,))


FAULTS = [
    fault(FaultKind.LATENCY, "token", "A token took 2.", "network", code=SUCCESS, seconds=2.2),
    fault(FaultKind.HANG, "token", "check the network to DATABRICKS_HOST"),
    fault(
        FaultKind.HANG,
        "identity",
        "check the network to DATABRICKS_HOST",
        path="/oidc/v1/token",
    ),
    fault(FaultKind.UNAUTHORIZED, "token", "an OAuth", "may have expired"),
    fault(FaultKind.FORBIDDEN, "token", "CAN USE"),
    fault(FaultKind.NOT_FOUND, "token", "the workspace has to be the one that owns the database"),
    fault(FaultKind.THROTTLED, "token", "limit"),
    fault(FaultKind.SERVER_ERROR, "token", "status"),
    fault(FaultKind.UNAVAILABLE, "token", "status"),
    fault(FaultKind.BROKEN_JSON, "token", "check that DATABRICKS_HOST is the workspace itself"),
    fault(FaultKind.NO_TOKEN, "token", "check in the workspace whether the database is running"),
    fault(FaultKind.NO_EXPIRY, "token", "none is needed", "50 minutes", code=SUCCESS),
    fault(FaultKind.CLOCK, "token", "NTP", code=SUCCESS, seconds=-7200),
    replace(
        fault(FaultKind.CLOCK, "token", "NTP", code=SUCCESS, seconds=86400),
        name="a clock that is slow",
    ),
    fault(FaultKind.NOT_FOUND, "workspace", "correct DATABRICKS_HOST", path="/.well-known/"),
    fault(FaultKind.FORBIDDEN, "identity", "CAN USE", path="/Me"),
    fault(FaultKind.FORBIDDEN, "dqx", "CAN USE", path="/spark-versions"),
    fault(FaultKind.SERVER_ERROR, "dqx", "DQX does without", code=SUCCESS, path="/spark-versions"),
    Asking(
        "a workspace that hangs and is not needed",
        "identity",
        SUCCESS,
        ("DQX continues without it",),
        faults=(Fault(FaultKind.HANG, "/oidc/v1/token", times=99),),
        password=True,
    ),
]
MISTAKES = [
    settings("all is right", "token", SUCCESS),
    settings("the workspace tells the host", "token", SUCCESS, POSTGRES_HOST=""),
    settings(
        "an instance's name that is wrong",
        "token",
        WORKSPACE,
        "correct LAKEBASE_INSTANCE_NAME",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME="ontos",
    ),
    settings(
        "a host for an instance's name",
        "settings",
        CONFIGURATION,
        "a host belongs in PGHOST",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME="instance-0b9c6f4e.database.cloud.databricks.com",
    ),
    settings(
        "a name for an endpoint's path",
        "settings",
        CONFIGURATION,
        "write the endpoint's resource path",
        LAKEBASE_ENDPOINT="ontos",
    ),
    settings(
        "both kinds of database",
        "settings",
        CONFIGURATION,
        "unset one of them",
        LAKEBASE_INSTANCE_NAME="ontos",
    ),
    settings(
        "a branch whose host the workspace tells",
        "token",
        SUCCESS,
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME=BRANCH,
        POSTGRES_HOST="",
    ),
    settings(
        "a branch that is not there",
        "token",
        WORKSPACE,
        "the path of a branch or endpoint",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME="projects/sandbox/branches/absent",
    ),
    settings(
        "a branch without a read-write endpoint",
        "token",
        WORKSPACE,
        "add a read-write endpoint (compute) to the branch",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME=READ_ONLY_BRANCH,
    ),
    settings(
        "a path that is no database's",
        "settings",
        CONFIGURATION,
        "write the resource path of a branch or of an endpoint",
        LAKEBASE_ENDPOINT="",
        LAKEBASE_INSTANCE_NAME="projects/sandbox",
    ),
    settings(
        "two variables for the host",
        "settings",
        SUCCESS,
        "PGHOST counts, not POSTGRES_HOST, whose value is another: unset the one that is wrong",
        PGHOST="127.0.0.1",
        POSTGRES_HOST="nowhere.invalid",
    ),
    settings(
        "an endpoint of another workspace",
        "token",
        WORKSPACE,
        "DATABRICKS_HOST: the workspace has to be the one that owns the",
        LAKEBASE_ENDPOINT="projects/a/branches/b/endpoints/c",
    ),
    settings(
        "a principal of another workspace",
        "identity",
        WORKSPACE,
        "DATABRICKS_HOST is the workspace that this principal belongs to",
        DATABRICKS_CLIENT_ID="11111111-2222-3333-4444-555555555555",
    ),
    settings(
        "an expired client secret",
        "identity",
        WORKSPACE,
        "the secret may have expired",
        DATABRICKS_CLIENT_SECRET=WRONG_SECRET,
    ),
    settings(
        "a personal token and a client id",
        "workspace",
        WORKSPACE,
        "unset all but one way, or choose with DATABRICKS_AUTH_TYPE",
        DATABRICKS_TOKEN=PERSONAL,
    ),
    settings(
        "a personal token that is not valid",
        "identity",
        WORKSPACE,
        "may have expired",
        DATABRICKS_TOKEN=PERSONAL,
        DATABRICKS_CLIENT_ID="",
        DATABRICKS_CLIENT_SECRET="",
    ),
    settings(
        "a profile that is not there",
        "workspace",
        WORKSPACE,
        "correct it, or name the file that has it in DATABRICKS_CONFIG_FILE",
        DATABRICKS_HOST="",
        DATABRICKS_CLIENT_ID="",
        DATABRICKS_CLIENT_SECRET="",
        DATABRICKS_CONFIG_PROFILE="production",
    ),
    settings(
        "a workspace that is a database",
        "workspace",
        WORKSPACE,
        "is not a web server",
        DATABRICKS_HOST="http://127.0.0.1:{postgres}",
    ),
    settings(
        "no workspace at all",
        "workspace",
        WORKSPACE,
        "set DATABRICKS_HOST",
        DATABRICKS_HOST="",
        DATABRICKS_CLIENT_ID="",
        DATABRICKS_CLIENT_SECRET="",
    ),
    settings(
        "a workspace that is not there",
        "workspace",
        WORKSPACE,
        "nothing listens there",
        DATABRICKS_HOST="http://127.0.0.1:1",
    ),
    settings(
        "a workspace's name that nobody knows",
        "workspace",
        WORKSPACE,
        "DATABRICKS_HOST: there is no address for the name",
        DATABRICKS_HOST="dbc-nowhere.invalid",
    ),
    settings(
        "the account's host",
        "workspace",
        WORKSPACE,
        "is an account's address, not a workspace's",
        DATABRICKS_HOST="https://accounts.databricks.invalid",
    ),
    settings(
        "a workspace without its scheme",
        "workspace",
        WORKSPACE,
        "scheme and port",
        DATABRICKS_HOST="{here}",
    ),
    settings(
        "a proxy that is not there",
        "workspace",
        WORKSPACE,
        "HTTP_PROXY is set",
        "NO_PROXY",
        HTTP_PROXY="http://127.0.0.1:1",
    ),
    settings(
        "a role that was not created",
        "connect",
        DATABASE,
        "databricks_create_role",
        "PGUSER",
        PGUSER="nobody@example.com",
    ),
    settings(
        "TLS that is too weak",
        "settings",
        CONFIGURATION,
        "unset PGSSLMODE, or set it to `verify-full`",
        POSTGRES_HOST="db.example",
        PGSSLMODE="prefer",
    ),
    settings("a server without TLS", "tls", DATABASE, "ssl = on", PGSSLMODE=""),
    Asking(
        "the workspace's pooler",
        "connect",
        DATABASE,
        ("without `-pooler`",),
        {"POSTGRES_HOST": POOLER, "PGSSLMODE": ""},
        other_hosts={"read_write_pooled_host": POOLER},
    ),
    settings(
        "another host than the database's",
        "token",
        WORKSPACE,
        "unset PGHOST and POSTGRES_HOST",
        POSTGRES_HOST="localhost",
    ),
    settings(
        "a password that is ignored",
        "settings",
        SUCCESS,
        "POSTGRES_USER, POSTGRES_PASSWORD: unset them",
        POSTGRES_USER="me",
        POSTGRES_PASSWORD=WRONG_SECRET,
    ),
]
CASES = some(
    [*FAULTS, *MISTAKES],
    3,
    *("all is right", "hang of /oidc/v1/token", "a branch whose host the workspace tells"),
    *("a branch without a read-write endpoint", "two variables for the host"),
)


@pytest.fixture(scope="module")
async def patient(server: Postgres, tables_folder: Path) -> Backend:
    backend = await create_backend(server, "of_workspace")
    await migrate(worker_environment(backend.worker, tables_folder))
    return backend


@pytest.fixture(scope="module")
def workspaces() -> dict[str, Workspace]:
    """The workspace of each case, by the case's name."""
    return {}


@pytest.fixture(scope="module")
async def reports(
    server: Postgres, patient: Backend, tables_folder: Path, workspaces: dict[str, Workspace]
) -> dict[str, Report]:
    # The role has one password: the one who sets it has to be that role.
    issuer = server_workspace(server, timedelta(minutes=5)).issuer

    @asynccontextmanager
    async def prepare(case: Case) -> AsyncIterator[Mapping[str, str]]:
        assert isinstance(case, Asking)
        workspaces[case.name] = workspace = server_workspace(server, timedelta(minutes=5))
        workspace.issuer = issuer
        workspace.other_hosts.update(case.other_hosts)
        for fault in case.faults:
            workspace.faults.add(fault)
        with serving(workspace) as url:
            environment = oauth_environment(patient.worker, url, workspace, tables_folder)
            if case.password:
                environment |= worker_environment(patient.worker, tables_folder)
                del environment["LAKEBASE_ENDPOINT"]
            places = {"here": url.removeprefix("http://"), "postgres": str(server.port)}
            changes = {name: value.format(**places) for name, value in case.changes.items()}
            yield environment | {"DATABRICKS_CONFIG_FILE": "/dev/null"} | changes

    return await examine_all(CASES, prepare)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_hint_leads_to_the_cure(
    case: Asking,
    reports: dict[str, Report],
    workspaces: dict[str, Workspace],
    patient: Backend,
) -> None:
    known = workspaces[case.name].secrets
    check(case, reports[case.name], [*known, patient.worker.password, WRONG_SECRET, PERSONAL])


def test_every_fault_of_the_stand_in_is_a_case() -> None:
    assert {fault.kind for case in FAULTS for fault in case.faults} == set(FaultKind)


async def test_what_is_right_is_reported_with_its_facts(reports: dict[str, Report]) -> None:
    findings = reports["all is right"].findings
    assert findings["workspace"]["detail"]["auth"] == "oauth-m2m"
    assert findings["identity"]["detail"] == {"principal": PRINCIPAL}
    assert 0 < findings["token"]["detail"]["valid_s"] <= 300
    assert findings["connect"]["detail"]["login"] == PRINCIPAL
    assert reports["all is right"].steps("failed") == []


async def test_a_branch_is_reported_with_its_endpoint(reports: dict[str, Report]) -> None:
    findings = reports["a branch whose host the workspace tells"].findings
    token, connect = findings["token"], findings["connect"]
    subject = f"the endpoint primary of the branch {BRANCH}"
    assert token["said"].startswith(f"for {subject}, role {PRINCIPAL}, valid for ")
    assert (token["detail"]["subject"], token["detail"]["host"]) == (subject, "127.0.0.1")
    assert (connect["status"], connect["detail"]["host"]) == ("ok", "127.0.0.1")


async def test_a_hang_ends_in_bounded_time_and_the_rest_is_looked_at(
    reports: dict[str, Report],
) -> None:
    hung = reports["hang of /oidc/v1/token"]
    assert hung.seconds < 30
    assert hung.findings["token"]["status"] == "skipped"
    assert hung.findings["connect"]["said"] == "skipped, as it needs the step 'token'"
    assert {"tls", "dqx", "roots"} <= set(hung.steps("ok"))
