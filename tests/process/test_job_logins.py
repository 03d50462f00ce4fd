"""`dqx-worker job` with each form of a Lakebase database that its launcher may send."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.find_secrets import leaked
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import (
    BRANCH,
    ENDPOINT,
    INSTANCE,
    READ_ONLY_BRANCH,
    Workspace,
)
from deploy.sandbox.workspace.server import serving
from tests.support.contracts import contract
from tests.support.jobs import arguments, launch
from tests.support.not_loopback import elsewhere
from tests.support.runs import row
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

# What Ontos sends beside the run and the database.
PRODUCT = {"product_name": "ontos", "product_version": "1.0.1"}
# A contract without schema objects ends its run before Spark is started.
ENDED = "Contract c has no schema objects: add one with a physical name"


@pytest.fixture
def workspace(server: Postgres) -> Workspace:
    return server_workspace(server, timedelta(minutes=5))


@pytest.fixture
async def environment(
    backend: Backend, database: Database, workspace: Workspace, tmp_path: Path
) -> AsyncIterator[dict[str, str]]:
    """What a job's principal has: a login to the workspace, and nothing about the database."""
    with serving(workspace) as url:
        made = oauth_environment(
            backend.worker, url, workspace, tmp_path, DATABRICKS_CONFIG_FILE="/dev/null"
        )
        yield {
            name: value
            for name, value in made.items()
            if not name.startswith(("POSTGRES_", "LAKEBASE_"))
        }


@pytest.fixture
async def run(backend: Backend) -> str:
    await backend.add_contract(contract("c"))
    return await backend.request("c", ["t"])


def where(backend: Backend, lakebase: str) -> dict[str, str]:
    """Return what Ontos sends about the database."""
    login = backend.worker
    return {
        "lakebase_instance_name": lakebase,
        "postgres_host": login.host,
        "postgres_db": login.database,
        "postgres_port": str(login.port),
        "postgres_schema": "public",
    }


@pytest.mark.parametrize(
    ("lakebase", "subject"),
    [
        (ENDPOINT, f"the endpoint {ENDPOINT}"),
        (BRANCH, f"the endpoint primary of the branch {BRANCH}"),
        (INSTANCE, f"the database instance {INSTANCE}"),
    ],
)
async def test_each_form_on_the_command_line_counts_more_than_any_variable(
    environment: dict[str, str],
    backend: Backend,
    workspace: Workspace,
    run: str,
    *,
    lakebase: str,
    subject: str,
) -> None:
    others = {
        "LAKEBASE_ENDPOINT": "projects/another/branches/main/endpoints/primary",
        **dict.fromkeys(("PGHOST", "PGDATABASE", "PGSCHEMA"), "nowhere.invalid"),
        **dict.fromkeys(
            ("POSTGRES_HOST", "POSTGRES_DB", "POSTGRES_DB_SCHEMA"), "elsewhere.invalid"
        ),
        "PGPORT": "1",
        "POSTGRES_PORT": "2",
    }
    launched = await launch(
        environment | others, *arguments(run, **where(backend, lakebase), **PRODUCT)
    )

    assert launched.code == ExitCode.RUN_FAILED, launched
    assert (await row(backend, run))["error_message"] == ENDED
    assert f"token **** for {workspace.client_id} at {subject}, valid" in launched.printed
    assert "--product_name ontos\n" in launched.printed
    assert "--product_version 1.0.1\n" in launched.printed
    for remark in ("is ignored", " counts, not ", "setting.overruled"):
        assert remark not in launched.printed + launched.errors
    everything = (launched.printed + launched.errors).encode()
    assert leaked(workspace.secrets, everything) == []


async def test_the_backends_own_variables_are_enough_and_the_host_is_asked(
    environment: dict[str, str], backend: Backend, run: str
) -> None:
    variables = {
        "LAKEBASE_INSTANCE_NAME": BRANCH,
        "PGDATABASE": backend.worker.database,
        "PGPORT": str(backend.worker.port),
        "POSTGRES_PORT": "1",
        "PGSCHEMA": "public",
        "POSTGRES_DB_SCHEMA": "another",
    }
    launched = await launch(environment | variables, *arguments(run))

    assert launched.code == ExitCode.RUN_FAILED, launched
    assert (await row(backend, run))["error_message"] == ENDED
    line = "PGPORT counts, not POSTGRES_PORT; PGSCHEMA counts, not POSTGRES_DB_SCHEMA"
    assert launched.printed.count(line) == 1


@pytest.mark.parametrize("named", [ENDPOINT, BRANCH, INSTANCE])
async def test_a_launchers_host_that_is_not_the_databases_is_6_before_anything_is_sent(
    environment: dict[str, str], backend: Backend, workspace: Workspace, run: str, named: str
) -> None:
    # With verified TLS, as a job has it: a token may go to any host then.
    del environment["PGSSLMODE"]
    with elsewhere() as there:
        sent = where(backend, named) | {
            "postgres_host": there.host,
            "postgres_port": str(there.port),
        }
        launched = await launch(environment, *arguments(run, **sent))
        assert launched.code == ExitCode.WORKSPACE, launched
        assert there.arrived == []
    said = f"the host {there.host} is not that of the "
    assert said in launched.errors
    assert f"which is at {workspace.host}" in launched.errors
    assert "Traceback" not in launched.errors
    assert workspace.issuer.minted == 0
    assert (await row(backend, run))["status"] == "pending"


async def test_a_launchers_host_gets_no_password_of_another_one(
    environment: dict[str, str], backend: Backend, run: str
) -> None:
    login = backend.worker
    password = {"PGHOST": login.host, "PGUSER": login.user, "PGPASSWORD": login.password}
    environment["DQX_WORKER_START_PATIENCE"] = "0s"
    with elsewhere() as there:
        sent = where(backend, "") | {
            "postgres_host": there.host,
            "postgres_port": str(there.port),
        }
        launched = await launch(environment | password, *arguments(run, **sent))
        assert launched.code == ExitCode.CONFIGURATION, launched
        assert there.arrived == []
    said = f"--postgres_host ({there.host}) and PGHOST ({login.host}) contradict"
    assert said in launched.errors
    assert login.password not in launched.errors


async def test_a_branch_without_a_read_write_endpoint_is_6_with_what_to_do(
    environment: dict[str, str], backend: Backend, run: str
) -> None:
    launched = await launch(environment, *arguments(run, **where(backend, READ_ONLY_BRANCH)))

    assert launched.code == ExitCode.WORKSPACE, launched
    assert f"the branch {READ_ONLY_BRANCH} has no read-write endpoint" in launched.errors
    assert "Traceback" not in launched.errors
    assert (await row(backend, run))["status"] == "pending"
