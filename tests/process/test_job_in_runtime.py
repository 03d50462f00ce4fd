"""A job in the Spark session that its process has already, as Databricks runs one."""

import json
import sys
from pathlib import Path

import anyio
import psutil
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_environment
from tests.process.conftest import AT_LENGTH
from tests.support import jvm
from tests.support.contracts import contract
from tests.support.jobs import arguments, launch
from tests.support.runs import row, suggestions
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

TASK = Path(__file__).with_name("databricks_task.py")


@pytest.fixture
def environment(backend: Backend, database: Database, tmp_path: Path) -> dict[str, str]:
    return worker_environment(
        backend.worker,
        tmp_path,
        DATABRICKS_RUNTIME_VERSION="16.4",
        DATABRICKS_CONFIG_FILE="/dev/null",
        PYTHONPATH=str(TASK.parents[2]),
        **jvm.sooner(),
    )


async def test_it_profiles_a_table_in_that_session_and_leaves_it_as_it_was(
    environment: dict[str, str], backend: Backend
) -> None:
    await backend.add_contract(contract("c", t="spark_catalog.shop.orders"))
    run = await backend.request("c", ["t"])
    with anyio.fail_after(120):
        answer = await anyio.run_process(
            [sys.executable, TASK, "job", *arguments(run)], env=environment, check=False
        )
    *phases, last = answer.stdout.decode().splitlines()
    # The session goes on, with its own time zone; and there was no SystemExit.
    assert json.loads(last) == [3, "America/New_York"], answer.stderr.decode()
    assert phases[-1].endswith("exit code 0")
    assert "engine runtime" in answer.stdout.decode()
    assert "any table may be profiled" in answer.stdout.decode()
    ended = await row(backend, run)
    assert (ended["status"], ended["error_message"]) == ("completed", None)
    statistics = json.loads(ended["summary_stats"])["tables"]["t"]["summary_stats"]
    # DQX rounds up to the next day, which in New York begins at another hour.
    assert statistics["at"]["max"] == "1970-01-02T00:00:00+00:00"
    assert {one["property_name"] for one in await suggestions(backend, run)} >= {"id"}


@pytest.mark.parametrize(
    ("launched", "code", "status"),
    [("job", ExitCode.RUN_FAILED, "failed"), ("run", ExitCode.ENGINE, "pending")],
)
async def test_a_session_that_is_lost_ends_it(
    environment: dict[str, str], backend: Backend, launched: str, code: ExitCode, status: str
) -> None:
    """It was somebody else's, who alone could make another one."""
    await backend.add_contract(contract("c", t="spark_catalog.shop.wide"))
    run = await backend.request("c", ["t"])
    words = arguments(run) if launched == "job" else []
    environment |= AT_LENGTH | {
        "DQX_WORKER_TABLES": "spark_catalog.shop.*",
        "DQX_WORKER_PROBES": "off",
    }

    async def profiling() -> bool:
        return [one["state"] for one in await backend.progress()] == ["profiling"]

    with anyio.fail_after(120):
        async with await anyio.open_process(
            [sys.executable, TASK, launched, *words], env=environment
        ) as task:
            await until(profiling, "the table is being profiled", seconds=90)
            children = psutil.Process(task.pid).children(recursive=True)
            next(one for one in children if one.name() == "java").kill()
            assert task.stdout is not None
            printed = "".join([part.decode() async for part in task.stdout])
    *_, end, last = printed.splitlines()
    assert (end, last) == (f"SystemExit {code:d}", "lost")
    left = await row(backend, run)
    assert left["status"] == status
    if launched == "job":
        assert "spark_catalog.shop.wide can't be read now" in left["error_message"]


async def test_without_a_session_it_is_told(environment: dict[str, str], backend: Backend) -> None:
    await backend.add_contract(contract("c", t="spark_catalog.shop.orders"))
    run = await backend.request("c", ["t"])
    elsewhere = environment | {"DATABRICKS_RUNTIME_VERSION": "", "DQX_WORKER_ENGINE": "runtime"}
    launched = await launch(elsewhere, *arguments(run))
    assert launched.code == ExitCode.ENGINE
    message = (await row(backend, run))["error_message"]
    assert message == (
        "The engine 'runtime' needs the Spark session of a Databricks job, and there is none "
        "(NO_ACTIVE_OR_DEFAULT_SESSION): run inside a job, or set DQX_WORKER_ENGINE=local"
    )
