"""A job, and a worker, in the Spark session that their process has already, as on Databricks."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import anyio
import psutil
import pytest

from deploy.sandbox.postgres import Postgres
from tests.support import jvm
from tests.support.jobs import Launched, arguments, launch
from tests.support.runs import row, suggestions
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

TASK = Path(__file__).with_name("databricks_task.py")
SESSION = '[3, "America/New_York"]'


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    made = await StandInSite.made(server, tmp_path_factory.mktemp("runtime"), "runtime")
    made.environment.update(
        jvm.sooner(),
        DATABRICKS_RUNTIME_VERSION="16.4",
        # Of a table of a few rows the judge suggests little.
        DQX_WORKER_SUGGESTIONS="stock",
        DATABRICKS_CONFIG_FILE="/dev/null",
        PYTHONPATH=str(TASK.parents[2]),
    )
    return made


@dataclass(frozen=True, slots=True)
class Task:
    """A process that has launched a job and then a worker, whose session was lost at work."""

    job: str
    """The run of the job."""
    worker: str
    """The run that the worker had."""
    printed: tuple[str, str]
    """Before and after the job had ended, the session's state being the end of the first part."""
    errors: str


@pytest.fixture(scope="module")
async def task(site: StandInSite) -> Task:
    job = await site.request(t="spark_catalog.shop.orders")
    worker = await site.request(t="spark_catalog.shop.endless")
    parameters = arguments(job, (await row(site.backend, job))["contract_id"])
    limited = {"DQX_WORKER_TABLES": "spark_catalog.shop.*"}
    lines = [json.dumps(line) for line in (({}, ["job", *parameters]), (limited, ["run"]))]
    stdout, stderr = site.folder / "stdout", site.folder / "stderr"

    async def at_work() -> bool:
        return await site.states(worker) == {"t": "sampling"}

    with stdout.open("w") as printed, stderr.open("w") as errors:
        async with await anyio.open_process(
            [sys.executable, TASK, *lines], env=site.environment, stdout=printed, stderr=errors
        ) as process:
            await until(at_work, "the worker has begun with its table", seconds=120)
            children = psutil.Process(process.pid).children(recursive=True)
            next(one for one in children if one.name() == "java").kill()
            with anyio.fail_after(60):
                await process.wait()
    before, _, after = stdout.read_text().partition(SESSION)
    return Task(job, worker, (before + SESSION, after), stderr.read_text())


async def test_it_profiles_a_table_in_that_session_and_leaves_it_as_it_was(
    task: Task, site: StandInSite
) -> None:
    launched = Launched(0, task.printed[0], task.errors)
    # The session goes on, with its own time zone; and there was no SystemExit.
    *_, end, session = launched.printed.splitlines()
    assert end.endswith("exit code 0"), launched
    assert session == SESSION
    assert launched.phases().index("Spark") < launched.phases().index("table")
    assert "engine runtime" in launched.printed
    assert "any table may be profiled" in launched.printed
    ended = await row(site.backend, task.job)
    assert (ended["status"], ended["error_message"]) == ("completed", None)
    statistics = json.loads(ended["summary_stats"])["tables"]["t"]["summary_stats"]
    # DQX rounds up to the next day, which in New York begins at another hour.
    assert statistics["at"]["max"] == "1970-01-02T00:00:00+00:00"
    assert {one["property_name"] for one in await suggestions(site.backend, task.job)} >= {"id"}


async def test_a_session_that_is_lost_ends_the_worker(task: Task, site: StandInSite) -> None:
    """It was somebody else's, who alone could make another one."""
    *_, end, session = task.printed[1].splitlines()
    assert (end, session) == (f"SystemExit {ExitCode.ENGINE:d}", "lost"), task
    assert (await row(site.backend, task.worker))["status"] == "pending"


async def test_without_a_session_it_is_reported(site: StandInSite) -> None:
    run = await site.request(t="spark_catalog.shop.orders")
    elsewhere = {"DATABRICKS_RUNTIME_VERSION": "", "DQX_WORKER_ENGINE": "runtime"}
    parameters = arguments(run, (await row(site.backend, run))["contract_id"])
    launched = await launch(site.environment | elsewhere, *parameters)
    assert launched.code == ExitCode.ENGINE
    message = (await row(site.backend, run))["error_message"]
    assert message == (
        "The engine 'runtime' needs the Spark session of a Databricks job, and there is none "
        "(NO_ACTIVE_OR_DEFAULT_SESSION): run inside a job, or set DQX_WORKER_ENGINE=local"
    )
