"""`dqx-worker migrate --grant-to`, as an operator types it."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import run_command
from tests.support.options import database_options, password_of
from worker.cli.exit_codes import ExitCode
from worker.database.grants import grant
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

APP = "an app"
USAGE = f'GRANT USAGE ON SCHEMA dqx_worker TO "{APP}"'
ON_TABLES = [
    f'GRANT INSERT ON dqx_worker.run_options TO "{APP}"',
    f'GRANT SELECT ON dqx_worker.run_options TO "{APP}"',
    f'GRANT SELECT ON dqx_worker.run_status TO "{APP}"',
    f'GRANT SELECT ON dqx_worker.queue_status TO "{APP}"',
    f'GRANT SELECT ON dqx_worker.worker_status TO "{APP}"',
    f'GRANT SELECT ON dqx_worker.suggestion_evidence TO "{APP}"',
]


@pytest.fixture
async def app(server: Postgres, backend: Backend) -> AsyncIterator[str]:
    """A role of the backend's that owns nothing."""
    admin = await replace(server.admin, database=backend.owner.database).connect()
    await admin.execute(f'CREATE ROLE "{APP}"')
    yield APP
    await admin.execute(f'DROP OWNED BY "{APP}"; DROP ROLE "{APP}"')
    await admin.close()


@pytest.fixture
def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a worker on a migrated database."""
    return worker_environment(backend.worker, tmp_path)


async def see_the_schema(backend: Backend, role: str) -> None:
    async with backend.connection() as owner:
        await owner.execute(f'GRANT USAGE ON SCHEMA dqx_worker TO "{role}"')


async def test_check_says_which_rights_are_missing_and_grants_none(
    environment: dict[str, str], app: str
) -> None:
    environment |= {"DQX_WORKER_GRANT_TO": f"backend, {app}"}
    for _ in range(2):
        checked = run_command(environment, "migrate", "--check", "--json")
        assert checked.returncode == ExitCode.SCHEMA_VERSION
        answer = json.loads(checked.stdout)
        assert (answer["schema"], answer["pending"]) == ("dqx_worker", [])
        # The backend's owner owns the worker's schema, too, but not the tables in it.
        assert set(answer["grants"]) == {
            *(USAGE, *ON_TABLES),
            *(one.replace(f'"{APP}"', "backend") for one in ON_TABLES),
        }


async def test_roles_of_the_setting_and_of_the_option_get_the_rights(
    environment: dict[str, str], backend: Backend, app: str
) -> None:
    environment |= {"DQX_WORKER_GRANT_TO": "backend"}
    await see_the_schema(backend, app)
    done = run_command(environment, "migrate", "--grant-to", app, "--json")
    assert done.returncode == ExitCode.SUCCESS
    assert len(json.loads(done.stdout)["grants"]) == 2 * len(ON_TABLES)
    again = run_command(environment, "migrate", "--grant-to", app, "--check")
    assert (again.returncode, again.stdout) == (0, "dqx_worker is up to date\n")


async def test_a_worker_that_owns_its_schema_grants_all_of_them(
    environment: dict[str, str], backend: Backend, app: str
) -> None:
    async with backend.connection() as owner:
        await owner.execute(f"GRANT CREATE ON DATABASE {backend.worker.database} TO dqx_worker")
    environment |= {"DQX_WORKER_SCHEMA": "of_the_worker"}
    done = run_command(environment, "migrate", "--grant-to", app, "--json")
    assert set(json.loads(done.stdout)["grants"]) == {
        one.replace("dqx_worker", "of_the_worker") for one in (USAGE, *ON_TABLES)
    }


async def test_a_role_that_does_not_exist_is_named(environment: dict[str, str]) -> None:
    said = "dqx-worker: There is no role absent at database"
    typed = run_command(environment, "migrate", "--grant-to", "backend", "--grant-to", "absent")
    assert (typed.returncode, typed.stderr[: len(said)]) == (ExitCode.USAGE, said)
    environment |= {"DQX_WORKER_GRANT_TO": "absent"}
    for arguments in (["migrate"], ["migrate", "--check"], ["migrate", "--grant-to", "backend"]):
        wrong = run_command(environment, *arguments)
        assert (wrong.returncode, wrong.stderr[: len(said)]) == (ExitCode.CONFIGURATION, said)


async def test_what_the_worker_may_not_grant_the_owner_is_asked_to(
    environment: dict[str, str], backend: Backend, app: str
) -> None:
    async with backend.connection() as owner:
        refused = run_command(environment, "migrate", "--grant-to", app)
        assert refused.returncode == ExitCode.DATABASE
        assert refused.stderr == (
            "dqx-worker: The worker's role may not grant rights in schema dqx_worker; "
            f"have its owner run: {USAGE}\n"
        )
        held = "SELECT has_table_privilege($1, 'dqx_worker.run_options', 'INSERT')"
        assert not await owner.fetchval(held, app)
        await owner.execute(USAGE)
        assert run_command(environment, "migrate", "--grant-to", app).returncode == 0
        assert await owner.fetchval(held, app)


async def test_of_four_that_grant_at_once_one_does_and_all_succeed(
    backend: Backend, database: Database, app: str
) -> None:
    await see_the_schema(backend, app)
    options = database_options(backend.worker, grant_to=("backend", app))
    granted: list[int] = []

    async def one() -> None:
        granted.append(len(await grant(options, password_of(backend.worker))))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(one)
    assert sorted(granted) == [0, 0, 0, 2 * len(ON_TABLES)]
