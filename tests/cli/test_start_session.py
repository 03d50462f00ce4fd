"""What a connection has to be and to see: `run` and `job` look at their start, as doctor does."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from tests.support.contracts import contract
from tests.support.doctor import examined
from tests.support.forked_commands import run_forked
from tests.support.jobs import arguments, launch
from tests.support.poolers import Pooler
from tests.support.stand_in_workers import STAND_IN
from tests.support.transaction_pooler import transaction_pooler
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

RUNS = "data_profiling_runs"
HIDDEN = f"Row-level security hides every row of {RUNS}"


@pytest.fixture
def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    return worker_environment(backend.worker, tmp_path, DQX_WORKER_START_PATIENCE="0s")


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a command that can't start ends."""

    code: int
    error: str


def started(environment: dict[str, str]) -> Refusal:
    """Start a worker that has to refuse."""
    answer = run_forked(["run"], environment, module=STAND_IN)
    last = json.loads(answer.stderr.splitlines()[-1])
    assert last["event"] == "worker.failed"
    return Refusal(answer.returncode, last["error"])


async def execute(backend: Backend, *statements: str) -> None:
    async with backend.connection() as owner:
        for statement in statements:
            await owner.execute(statement)


async def request(backend: Backend) -> str:
    await backend.add_contract(contract("c", t="stand_in.1.1"))
    return await backend.request("c", ["t"])


async def test_hidden_rows_keep_a_worker_and_a_job_from_starting(
    environment: dict[str, str], backend: Backend
) -> None:
    run_id = await request(backend)
    await execute(backend, f"ALTER TABLE {RUNS} ENABLE ROW LEVEL SECURITY")
    assert started(environment) == Refusal(ExitCode.DATABASE, HIDDEN)
    launched = await launch(environment, *arguments(run_id), module=STAND_IN)
    assert launched.code == ExitCode.DATABASE
    assert HIDDEN in launched.errors
    report = await examined(environment, "--no-engine")
    assert report.findings["rights"]["said"] == HIDDEN

    # A policy may show what is needed.
    await execute(backend, f"CREATE POLICY all_of_it ON {RUNS} TO dqx_worker USING (true)")
    answer = run_forked(["run", "--drain"], environment, module=STAND_IN)
    assert answer.returncode == ExitCode.SUCCESS


async def test_a_search_path_that_is_lost_keeps_a_worker_from_starting_and_from_migrating(
    backend: Backend, database: Database, tmp_path: Path
) -> None:
    with Pooler.running(backend.worker.port, passes=("user", "database")) as port:
        through = replace(backend.worker, port=port)
        environment = worker_environment(
            through, tmp_path, DQX_WORKER_SCHEMA="another", DQX_WORKER_MIGRATE="true"
        )
        refusal = started(environment)
    assert refusal.code == ExitCode.DATABASE
    assert refusal.error.startswith("search_path is ")
    async with database.connection() as connection:
        assert not await connection.fetchval("SELECT to_regclass('public.migrations') IS NOT NULL")


async def test_deadlines_that_are_lost_are_reported(
    environment: dict[str, str], backend: Backend
) -> None:
    passes = ("user", "database", "search_path", "lock_timeout")
    with Pooler.running(backend.worker.port, passes=passes) as port:
        through = environment | {"POSTGRES_PORT": str(port)}
        answer = run_forked(["run", "--drain"], through, module=STAND_IN)
    assert answer.returncode == ExitCode.SUCCESS
    (lost,) = [
        line["parameters"]
        for line in map(json.loads, answer.stderr.splitlines())
        if line["event"] == "database.parameters_lost"
    ]
    assert lost == [
        "statement_timeout (it is 0 ms)",
        "idle_in_transaction_session_timeout (it is 0 ms)",
    ]


async def test_a_pooler_in_transaction_mode_keeps_a_worker_and_a_job_from_starting(
    environment: dict[str, str], backend: Backend
) -> None:
    run_id = await request(backend)
    words = "A pooler in transaction mode stands before Postgres"
    with transaction_pooler(backend.worker.port) as port:
        through = environment | {"POSTGRES_PORT": str(port)}
        refusal = started(through)
        launched = await launch(through, *arguments(run_id), module=STAND_IN)
        report = await examined(through, "--no-engine")
    assert refusal.code == launched.code == ExitCode.DATABASE
    assert refusal.error.startswith(words)
    assert words in launched.errors
    assert report.findings["search path"]["said"] == refusal.error


async def test_a_pooler_that_refuses_what_a_connection_asks_for_is_not_waited_for(
    environment: dict[str, str], backend: Backend
) -> None:
    with Pooler.running(backend.worker.port, passes=None) as port:
        patient = environment | {"POSTGRES_PORT": str(port), "DQX_WORKER_START_PATIENCE": "5m"}
        refusal = started(patient)
    assert refusal.code == ExitCode.DATABASE
    assert refusal.error.startswith("A pooler in front of Postgres refuses the connection: ")


async def test_a_server_that_takes_no_writes_is_waited_for(
    environment: dict[str, str], backend: Backend, server: Postgres
) -> None:
    name = backend.worker.database
    role = f"ALTER ROLE dqx_worker IN DATABASE {name}"
    admin = await server.admin.connect()
    try:
        await admin.execute(f"{role} SET default_transaction_read_only = on")
        assert started(environment) == Refusal(ExitCode.DATABASE, "The server takes no writes")
        patient = environment | {"DQX_WORKER_START_PATIENCE": "1s"}
        assert started(patient).error.endswith(" from the start on: The server takes no writes")
    finally:
        await admin.execute(f"{role} RESET default_transaction_read_only")
        await admin.close()
