"""Each way in which a launch can end has its exit code, by a real process."""

import shlex
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import anyio
import asyncpg
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_command, worker_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.server import serving
from tests.support.contracts import contract
from tests.support.forked_commands import DQX_WORKER, ForkedProcess
from tests.support.jobs import arguments, launch
from tests.support.long_form import some
from tests.support.runs import row
from tests.support.stand_in_workers import STAND_IN
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

IN_A_LOOP = "tests.process.in_a_loop"


@pytest.fixture
def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a job on a migrated database, whose Spark could never start."""
    return worker_environment(
        backend.worker, tmp_path, DQX_WORKER_SPARK_MEMORY="1m", DQX_WORKER_LEASE="3s"
    )


@pytest.fixture
async def owner(backend: Backend) -> AsyncIterator[asyncpg.Connection]:
    async with backend.connection() as connection:
        yield connection


@pytest.fixture
async def run(backend: Backend) -> str:
    """A request for one table that the stand-in knows."""
    await backend.add_contract(contract("c", t="stand_in.1.1"))
    return await backend.request("c", ["t"])


async def status_and_error(backend: Backend, run: str) -> tuple[str, str | None]:
    found = await row(backend, run)
    return found["status"], found["error_message"]


@pytest.mark.parametrize(
    ("parameters", "says"),
    some(
        [
            (
                ["--contract_id", "c", "--schema_names", '["t"]'],
                "Missing option '--profile_run_id'",
            ),
            (arguments("", "c"), "--profile_run_id"),
            (arguments("r", postgres_port="70000"), "a port is a number from 1 to 65535"),
            (arguments("r", postgres_port="five"), "a port is a number from 1 to 65535"),
            # A launch that only printed the help would pass for one that has done its work.
            (["--of-the-runner", "--help"], "Missing option '--contract_id'"),
        ],
        2,
    ),
)
async def test_a_wrong_command_line_is_2(
    environment: dict[str, str], parameters: list[str], says: str
) -> None:
    launched = await launch(environment, *parameters)
    assert launched.code == ExitCode.USAGE
    assert says in " ".join(launched.errors.replace("│", " ").split())


@pytest.mark.parametrize("schemas", some(["t", '{"t": 1}', "[]", "[1]"], 2))
async def test_schema_names_that_are_none_are_2_and_the_run_says_so(
    environment: dict[str, str], backend: Backend, run: str, schemas: str
) -> None:
    launched = await launch(environment, *arguments(run, schemas=schemas))
    assert launched.code == ExitCode.USAGE
    status, message = await status_and_error(backend, run)
    assert status == "failed"
    assert 'expected a JSON array of schema names such as ["orders"]' in str(message)


async def test_a_wrong_setting_is_3(environment: dict[str, str]) -> None:
    host = "instance-0b9c6f4e-2d1a-4c53-9e6f-7f3f5d1c2a80.database.cloud.databricks.com"
    launched = await launch(environment, *arguments("r", lakebase_instance_name=host))
    assert launched.code == ExitCode.CONFIGURATION
    assert "LAKEBASE_INSTANCE_NAME: an instance name is a name such as ontos" in launched.errors


async def test_a_database_that_is_not_there_is_4(environment: dict[str, str]) -> None:
    soon = environment | {"DQX_WORKER_START_PATIENCE": "0s"}
    launched = await launch(soon, *arguments("r", postgres_port="1"))
    assert launched.code == ExitCode.DATABASE
    assert "Could not connect to Postgres at 127.0.0.1:1" in launched.errors
    assert launched.phases()[-1] == "finish"


async def test_a_schema_that_was_never_made_is_5(
    environment: dict[str, str], backend: Backend, run: str
) -> None:
    launched = await launch(environment | {"DQX_WORKER_SCHEMA": "elsewhere"}, *arguments(run))
    assert launched.code == ExitCode.SCHEMA_VERSION
    assert "run: dqx-worker migrate" in launched.errors
    assert await status_and_error(backend, run) == ("pending", None)


async def test_a_workspace_that_refuses_is_6_and_the_run_says_so(
    environment: dict[str, str], backend: Backend, run: str, server: Postgres
) -> None:
    """The database has a password of its own here: only DQX asks for the workspace."""
    workspace = server_workspace(server, timedelta(minutes=1))
    with serving(workspace) as url:
        login = {"DATABRICKS_CLIENT_ID": "a", "DATABRICKS_CLIENT_SECRET": "b"}
        launched = await launch(environment | login | {"DATABRICKS_HOST": url}, *arguments(run))
    assert launched.code == ExitCode.WORKSPACE
    status, message = await status_and_error(backend, run)
    assert status == "failed"
    assert "refuses DATABRICKS_CLIENT_ID or its secret (invalid_client)" in str(message)


async def test_a_token_that_can_not_be_had_is_6(
    environment: dict[str, str], backend: Backend, run: str, server: Postgres
) -> None:
    """Nobody can write into the run's row then."""
    workspace = server_workspace(server, timedelta(minutes=1))
    with serving(workspace) as url:
        login = {
            "DATABRICKS_HOST": url,
            "DATABRICKS_CLIENT_ID": workspace.client_id,
            "DATABRICKS_CLIENT_SECRET": workspace.client_secret,
            "PGSSLMODE": "disable",
            "DQX_WORKER_START_PATIENCE": "3s",
        }
        launched = await launch(
            environment | login, *arguments(run, lakebase_instance_name="absent")
        )
    assert launched.code == ExitCode.WORKSPACE, launched
    # Not after a wait.
    expected = "dqx-worker: No database token for the database instance absent"
    assert launched.errors.startswith(expected)
    assert "Traceback" not in launched.errors
    assert await status_and_error(backend, run) == ("pending", None)


async def test_a_spark_that_does_not_start_is_7_and_the_run_says_so(
    environment: dict[str, str], backend: Backend, run: str
) -> None:
    launched = await launch(environment, *arguments(run))
    assert launched.code == ExitCode.ENGINE
    status, message = await status_and_error(backend, run)
    assert status == "failed"
    assert str(message).startswith("Spark could not be started with the Java in ")


async def test_a_contract_without_schema_objects_is_10_and_spark_is_not_started(
    environment: dict[str, str], backend: Backend, run: str, owner: asyncpg.Connection
) -> None:
    await owner.execute("DELETE FROM data_contract_schema_objects")
    launched = await launch(environment, *arguments(run))
    assert launched.code == ExitCode.RUN_FAILED
    assert await status_and_error(backend, run) == (
        "failed",
        "Contract c has no schema objects: add one with a physical name",
    )


@pytest.mark.parametrize(
    ("change", "parameters", "says"),
    some(
        [
            ("", arguments("r", "other"), "Run r belongs to contract c, not to other"),
            ("source = 'manual'", arguments("r"), "Run r is of source manual, not dqx"),
            ("status = 'failed', error_message = 'why'", arguments("r"), "already: failed (why)"),
        ],
        2,
    ),
)
async def test_a_run_that_is_not_the_jobs_is_10_and_left_alone(
    environment: dict[str, str],
    backend: Backend,
    owner: asyncpg.Connection,
    *,
    change: str,
    parameters: list[str],
    says: str,
) -> None:
    await backend.add_contract(contract("c", t="t.parquet"))
    await insert(owner, "data_profiling_runs", id="r", contract_id="c")
    if change:
        await owner.execute(f"UPDATE data_profiling_runs SET {change} WHERE id = 'r'")
    before = await row(backend, "r")
    launched = await launch(environment, *parameters)
    assert launched.code == ExitCode.RUN_FAILED
    assert says in launched.errors + launched.printed
    assert await row(backend, "r") == before


@pytest.mark.parametrize(
    ("status", "code"), [("completed", ExitCode.SUCCESS), ("cancelled", ExitCode.RUN_CANCELLED)]
)
async def test_a_run_that_has_ended_is_left_alone_and_its_status_is_the_exit_code(
    environment: dict[str, str],
    backend: Backend,
    run: str,
    owner: asyncpg.Connection,
    *,
    status: str,
    code: ExitCode,
) -> None:
    await owner.execute("UPDATE data_profiling_runs SET status = $1", status)
    before = await row(backend, run)
    launched = await launch(environment, *arguments(run))
    assert launched.code == code
    assert f"has ended already: {status}" in launched.printed
    assert await row(backend, run) == before


async def test_a_run_that_somebody_works_on_is_10_after_one_lease_and_left_alone(
    environment: dict[str, str], backend: Backend, run: str, database: Database
) -> None:
    await _lease(database, run, life="1 hour")
    before = await row(backend, run)
    launched = await launch(environment, *arguments(run))
    assert launched.code == ExitCode.RUN_FAILED
    assert f"Run {run} is being worked on by another-worker, also after 3 s" in launched.errors
    assert await row(backend, run) == before


async def test_a_run_whose_worker_died_is_taken_as_soon_as_its_lease_expires(
    environment: dict[str, str], backend: Backend, run: str, database: Database
) -> None:
    await _lease(database, run, life="1 second")
    launched = await launch(environment, *arguments(run), module=STAND_IN)
    assert launched.code == ExitCode.SUCCESS
    async with database.connection() as connection:
        attempts = await connection.fetch("SELECT number, outcome FROM attempts ORDER BY number")
        assert await connection.fetchval("SELECT count(*) FROM leases") == 0
    assert [tuple(one) for one in attempts] == [(1, "expired"), (2, "completed")]


@pytest.mark.parametrize("module", [DQX_WORKER, IN_A_LOOP])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_before_the_claim_ends_it_at_once_with_the_signals_code(
    environment: dict[str, str],
    backend: Backend,
    run: str,
    database: Database,
    tmp_path: Path,
    *,
    module: str,
    number: signal.Signals,
) -> None:
    await _lease(database, run, life="1 hour")
    before = await row(backend, run)
    printed = tmp_path / "printed"
    job = ForkedProcess(
        ["job", *arguments(run)],
        environment | {"DQX_WORKER_LEASE": "1h"},
        stdout=printed,
        module=module,
    )

    async def connected() -> bool:
        return printed.exists() and "connected to" in printed.read_text()

    await until(connected, "the job waits for the lease")
    job.send_signal(number)
    assert await anyio.to_thread.run_sync(job.wait, 10) == 128 + number
    assert await row(backend, run) == before


@pytest.mark.parametrize(
    ("redirection", "variables"),
    some(
        [
            ("| true", {}),
            (">/dev/full", {}),
            (">&- 2>&-", {}),
            ("2>&1 | true", {}),
            (">/dev/null", {"PYTHONIOENCODING": "ascii:strict"}),
        ],
        2,
    ),
)
async def test_a_run_is_worked_on_whoever_reads_what_is_printed(
    environment: dict[str, str],
    backend: Backend,
    owner: asyncpg.Connection,
    run: str,
    *,
    redirection: str,
    variables: dict[str, str],
) -> None:
    await owner.execute("DELETE FROM data_contract_schema_objects")
    words = shlex.join(worker_command("job", *arguments(run, schemas=["Größe"])))
    answer = await anyio.run_process(
        ["bash", "-o", "pipefail", "-c", f"{words} {redirection}"],
        env=environment | variables,
        check=False,
    )
    assert answer.returncode == ExitCode.RUN_FAILED
    assert b"Traceback" not in answer.stdout + answer.stderr
    assert (await status_and_error(backend, run))[0] == "failed"


async def test_no_value_of_a_parameter_that_is_not_known_is_printed(
    environment: dict[str, str],
) -> None:
    launched = await launch(
        environment, *arguments("r"), "-pS3cret", "--key", "-Zx9S3cret", "--token=S3cret", "S3cret"
    )
    assert "--key is none of this command's" in launched.printed
    assert "--token is none of this command's" in launched.printed
    assert "S3cret" not in launched.printed + launched.errors


async def test_in_a_job_without_a_session_that_can_be_had_it_is_7(
    environment: dict[str, str], backend: Backend, run: str
) -> None:
    inside = {"DATABRICKS_RUNTIME_VERSION": "16.4", "JAVA_HOME": "/nowhere"}
    launched = await launch(
        environment | inside | {"DATABRICKS_CONFIG_FILE": "/dev/null"}, *arguments(run)
    )
    assert launched.code == ExitCode.ENGINE, launched
    status, message = await status_and_error(backend, run)
    assert status == "failed"
    assert str(message).startswith("The engine 'runtime' needs the Spark session of a Databricks")


async def _lease(database: Database, run: str, life: str) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO attempts (run_id, number, worker) VALUES ($1, 1, 'another-worker')", run
        )
        await connection.execute(
            "INSERT INTO leases (run_id, attempt, token, worker, expires_at)"
            " VALUES ($1, 1, gen_random_uuid(), 'another-worker',"
            " clock_timestamp() + $2::text::interval)",
            run,
            life,
        )
