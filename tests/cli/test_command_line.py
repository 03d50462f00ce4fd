"""What people and programs type, and what they get."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.grants import apply_grants
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from tests.support.command import run_command
from tests.support.contracts import contract
from tests.support.long_form import some
from worker import __version__
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

HEAVY = ("pyspark", "databricks.labs.dqx", "pandas", "pyarrow")


@pytest.fixture
def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a worker on a migrated database."""
    return worker_environment(backend.worker, tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "import worker.cli.main",
        "import worker.cli.status, worker.cli.enqueue, worker.cli.suggestions, worker.cli.checks",
    ],
)
def test_the_commands_but_run_never_import_spark_or_dqx(statement: str) -> None:
    script = f"import sys; {statement}; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


def test_spark_does_not_wait_for_the_sdk_if_no_workspace_is_configured() -> None:
    """DQX imports it, beside the start of the JVM."""
    script = (
        "import sys, anyio; from worker.preflight.requirements import reach_workspace; "
        "from worker.workspace.options import WorkspaceOptions; "
        "anyio.run(reach_workspace, WorkspaceOptions()); sys.exit('databricks.sdk' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60)


def test_the_version_is_the_packages() -> None:
    assert run_command({"PATH": os.environ["PATH"]}, "version").stdout.strip() == __version__


def test_the_version_is_an_option_too() -> None:
    answer = run_command({"PATH": os.environ["PATH"]}, "--version")
    assert (answer.returncode, answer.stdout) == (0, f"dqx-worker {__version__}\n")


@pytest.mark.parametrize("command", [(), ("status",), ("job",)])
def test_help_has_a_short_name_at_every_command(command: tuple[str, ...]) -> None:
    short, long = (run_command({"COLUMNS": "90"}, *command, one) for one in ("-h", "--help"))
    assert short.returncode == 0
    assert "Usage:" in short.stdout
    assert short.stdout == long.stdout


@pytest.mark.parametrize(
    ("typed", "completed"), [("dqx-worker sta", "status"), ("dqx-worker status --wa", "--watch")]
)
def test_a_shell_completes_commands_and_options(typed: str, completed: str) -> None:
    answer = subprocess.run(
        [Path(sys.executable).with_name("dqx-worker")],
        env={
            "_DQX_WORKER_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(typed.count(" ")),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.stdout.split() == [completed], answer.stderr


async def test_a_wrong_option_is_a_usage_error(environment: dict[str, str]) -> None:
    assert run_command(environment, "status", "--nonsense").returncode == ExitCode.USAGE


async def test_every_wrong_setting_is_named_at_once(environment: dict[str, str]) -> None:
    wrong = environment | {"DQX_WORKER_LEASE": "soon", "DQX_WORKER_SLOT": "2"}
    del wrong["POSTGRES_HOST"]
    answer = run_command(wrong, "run")
    assert answer.returncode == ExitCode.CONFIGURATION
    (line,) = answer.stderr.splitlines()
    assert "PGHOST or POSTGRES_HOST is not set" in line
    assert "DQX_WORKER_LEASE: a duration is a number with ms, s, m, h or d" in line
    assert "DQX_WORKER_SLOT is not a setting (did you mean DQX_WORKER_SLOTS?)" in line


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    some(
        [
            ({"POSTGRES_PASSWORD": "wrong-s3cret"}, ExitCode.DATABASE, "password authentication"),
            (
                {"POSTGRES_PORT": "1", "DQX_WORKER_START_PATIENCE": "0s"},
                ExitCode.DATABASE,
                "127.0.0.1:1",
            ),
            ({"POSTGRES_DB": "absent"}, ExitCode.DATABASE, '"absent" does not exist'),
            ({"DQX_WORKER_SCHEMA": "absent"}, ExitCode.SCHEMA_VERSION, "run: dqx-worker migrate"),
            ({"POSTGRES_DB_SCHEMA": "x"}, ExitCode.DATABASE, "can't be found in schema x"),
        ],
        2,
    ),
)
async def test_a_worker_that_cannot_start_says_why_in_one_line(
    environment: dict[str, str], changes: dict[str, str], code: ExitCode, words: str
) -> None:
    answer = run_command(environment | changes, "run")
    assert answer.returncode == code
    assert "Traceback" not in answer.stderr
    assert "wrong-s3cret" not in answer.stderr
    events = [json.loads(line) for line in answer.stderr.splitlines() if line.startswith("{")]
    assert events[-1]["event"] == "worker.failed"
    assert events[-1]["exit_code"] == code
    assert words in events[-1]["error"]


async def test_migrate_reports_what_it_did_and_check_what_is_to_do(
    environment: dict[str, str], server: Postgres, backend: Backend
) -> None:
    await apply_grants(server.binaries / "psql", backend.owner, own_schema="fresh")
    fresh = environment | {"DQX_WORKER_SCHEMA": "fresh"}
    checked = run_command(fresh, "migrate", "--check", "--json")
    assert checked.returncode == ExitCode.SCHEMA_VERSION
    pending = json.loads(checked.stdout)["pending"]
    assert pending
    assert json.loads(run_command(fresh, "migrate", "--json").stdout)["applied"] == pending
    assert json.loads(run_command(fresh, "migrate", "--json").stdout)["applied"] == []
    assert run_command(fresh, "migrate", "--check").returncode == ExitCode.SUCCESS


async def test_a_request_of_the_command_line_is_one_of_the_backends(
    environment: dict[str, str], backend: Backend
) -> None:
    await backend.add_contract(contract("c", orders="main.shop.orders"))
    answer = run_command(
        environment, "enqueue", "--contract", "c", "--schema", "orders", "--schema", "x"
    )
    run_id = answer.stdout.strip()
    async with backend.connection() as owner:
        row = await owner.fetchrow("SELECT * FROM data_profiling_runs")
    assert row is not None
    assert (row["id"], row["source"], row["status"], row["run_id"]) == (
        run_id,
        "dqx",
        "pending",
        None,
    )
    assert json.loads(row["schema_names"]) == ["orders", "x"]

    (listed,) = json.loads(run_command(environment, "status", "--json").stdout)
    assert (listed["id"], listed["status"]) == (run_id, "pending")
    one = json.loads(run_command(environment, "status", run_id, "--json").stdout)
    assert (one["contract_id"], one["tables"]) == ("c", [])
    assert json.loads(run_command(environment, "suggestions", run_id, "--json").stdout) == []
    assert run_id in run_command(environment, "status", run_id).stdout


async def test_an_unknown_contract_is_named(environment: dict[str, str]) -> None:
    answer = run_command(environment, "enqueue", "--contract", "absent", "--schema", "a")
    assert answer.returncode == ExitCode.USAGE
    assert answer.stderr.strip() == "dqx-worker: There is no contract absent"


async def test_a_traceback_is_shown_on_demand_and_holds_no_secret(
    environment: dict[str, str],
) -> None:
    wrong = environment | {"POSTGRES_PASSWORD": "wrong-s3cret"}
    answer = run_command(wrong, "--traceback", "status")
    assert answer.returncode == ExitCode.DATABASE
    assert "Traceback" in answer.stderr
    assert "wrong-s3cret" not in answer.stderr
