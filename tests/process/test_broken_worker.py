"""A worker in which nothing more can be profiled gives its runs back, and ends with a code."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import psutil
import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.process.conftest import Site, make_site
from tests.support.command import run_command
from tests.support.contracts import contract, write_parquet
from tests.support.forked_commands import forked_worker
from tests.support.runs import ended, events, names, row
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until
from worker.spark.find_java import java_home

pytestmark = pytest.mark.anyio


async def test_threads_that_hang_beyond_the_limit_end_it_with_12_and_do_not_hold_it(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(
        server,
        tmp_path,
        "stuck",
        DQX_WORKER_STUCK_THREADS="0",
        DQX_WORKER_TABLE_DEADLINE="1s",
    )
    run_id = await site.request(done="stand_in.1.1", hung="stand_in.hangs")
    with site.worker() as worker:
        assert worker.wait(60) == 12
    reported = {line["event"]: line for line in events(worker.log)}
    assert reported["thread.stuck"]["stuck"] == 1
    assert "DQX_WORKER_STUCK_THREADS" in reported["worker.broken"]["error"]
    # It finished its writes.
    assert (await row(site.backend, run_id))["status"] == "failed"
    (attempt,) = await site.attempts(run_id)
    assert attempt["outcome"] == "failed"
    assert await site.states(run_id) == {"done": "completed", "hung": "failed"}


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose Java starts nothing once the file `broken` is there."""
    folder = tmp_path_factory.mktemp("broken")
    java = folder / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    real = java_home(folder / "wheel") / "bin" / "java"
    java.write_text(_JAVA.format(real=real, broken=folder / "broken"))
    java.chmod(0o755)
    settings = {
        "DQX_WORKER_PROBES": "off",
        "DQX_WORKER_PROFILER": "stock",
        "DQX_WORKER_KILL_TIMEOUT": "1s",
        "JAVA_HOME": str(java.parents[1]),
    }
    made = await make_site(server, folder, "broken", **settings)
    table = write_parquet(made.tables / "t.parquet", id=[1, 2, 3], name=["a", "b", "c"])
    long = write_parquet(made.tables / "long.parquet", name=["a" * LONG])
    await made.backend.add_contract(contract("c", t=table, long=long))
    return made


LONG = 600_000
"""Characters. To Spark `LIKE '%a%b'` is a regular expression: it takes the square of so many."""


# Tells its version, and starts nothing while a file is there.
_JAVA = """#!/bin/sh
[ "$1" = -version ] || [ ! -e '{broken}' ] || exit 1
exec '{real}' "$@"
"""


@pytest.fixture(scope="module")
async def worker(site: Site) -> AsyncIterator[WorkerProcess]:
    """A worker with a Spark of its own."""
    with forked_worker(site.environment, site.log) as running:

        async def ready() -> bool:
            return "worker.ready" in names(events(site.log))

        await until(ready, "the worker is ready")
        yield running


@pytest.fixture
async def frozen(worker: WorkerProcess) -> psutil.Process:
    """Its JVM, which does nothing until it is told to go on: whoever waits for it waits."""
    jvm = jvm_of(worker)
    jvm.suspend()
    return jvm


def jvm_of(worker: WorkerProcess) -> psutil.Process:
    children = psutil.Process(worker.pid).children(recursive=True)
    (jvm,) = [one for one in children if one.name() == "java"]
    return jvm


async def test_a_jvm_that_dies_is_replaced_and_its_runs_go_on(
    site: Site, worker: WorkerProcess, frozen: psutil.Process
) -> None:
    """It dies while the columns are profiled: none of them is at fault."""
    run_id = await site.backend.request("c", ["t"])
    async with own_tables(site) as connection:
        await becomes(connection, run_id, "sampling")
        shut = connection.transaction()
        await shut.start()
        await connection.execute("SELECT FROM table_progress WHERE run_id = $1 FOR UPDATE", run_id)
        frozen.resume()

        async def sampled() -> bool:
            return bool(await connection.fetchval(_WAITING))

        await until(sampled, "the worker has its sample")
        frozen.suspend()
        await shut.rollback()
        await becomes(connection, run_id, "profiling")
    frozen.kill()
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "completed", run["error_message"]
    assert worker.exit_code is None
    reported = names(events(site.log))
    assert [one for one in reported if one in _TOLD] == [
        "session.lost",
        "session.replaced",
        "table.retried",
        "table.profiled",
    ]
    assert {one["state"] for one in await site.backend.progress()} == {"completed"}


_TOLD = ("session.lost", "session.replaced", "table.retried", "table.profiled", "column.skipped")
_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


async def test_a_task_that_outlives_its_cancelled_table_ends_with_its_jvm(
    site: Site, worker: WorkerProcess
) -> None:
    """A regular expression on one long cell looks at no interruption, and would take hours."""
    jvm = jvm_of(worker)
    began = len(events(site.log))
    run_id = str(uuid4())
    async with own_tables(site) as connection:
        options = json.dumps({"profiler": {"filter": "name LIKE '%a%b'"}})
        await connection.execute(_OPTIONS, run_id, options)
        await site.backend.request("c", ["long"], run_id=run_id)
        await becomes(connection, run_id, "sampling")
    before = seconds_in_tasks(jvm)

    async def at_work() -> bool:
        return seconds_in_tasks(jvm) > before + 1

    await until(at_work, "a task of Spark works for seconds")
    assert run_command(site.environment, "cancel", run_id, "--reason", "slow").returncode == 0
    (cancelled,) = await ended(site.backend, run_id)
    assert cancelled["status"] == "failed"

    async def replaced() -> bool:
        return "session.replaced" in names(events(site.log)[began:])

    await until(replaced, "the JVM is replaced", seconds=30)
    assert not jvm.is_running()
    reported = {line["event"]: line for line in events(site.log)[began:]}
    assert (reported["tasks.stuck"]["tasks"], reported["tasks.stuck"]["jvm_ended"]) == (1, True)
    assert run_id in reported["tasks.stuck"]["tag"]
    assert "DQX_WORKER_KILL_TIMEOUT" in reported["session.lost"]["error"]
    assert "thread.stuck" not in reported
    (after,) = await ended(site.backend, await site.backend.request("c", ["t"]))
    assert after["status"] == "completed", after["error_message"]
    assert worker.exit_code is None


_OPTIONS = "INSERT INTO run_options (run_id, options) VALUES ($1, $2)"


def seconds_in_tasks(jvm: psutil.Process) -> float:
    """Return how long the threads of a JVM that run Spark's tasks have worked."""
    return sum(one.user_time for one in jvm.threads() if "Executor task" in name_of(jvm, one.id))


def name_of(process: psutil.Process, thread: int) -> str:
    """Return the name of a thread; nothing if it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process.pid}/task/{thread}/comm").read_text()
    return ""


async def test_a_jvm_that_can_not_be_replaced_ends_it_with_7_and_its_runs_wait_for_another(
    site: Site, worker: WorkerProcess, frozen: psutil.Process
) -> None:
    run_id = await site.backend.request("c", ["t"])
    async with own_tables(site) as connection:
        await becomes(connection, run_id, "sampling")
    (site.tables.parent / "broken").touch()
    frozen.kill()
    assert worker.wait(60) == 7
    reported = events(site.log)
    assert names(reported).count("session.unavailable") >= 3
    assert reported[-1]["event"] == "worker.stopped"
    run = await row(site.backend, run_id)
    assert (run["status"], run["completed_at"]) == ("pending", None)


@asynccontextmanager
async def own_tables(site: Site) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection that sees the worker's own tables."""
    connection = await site.backend.worker.connect()
    try:
        await connection.execute("SET search_path TO dqx_worker")
        yield connection
    finally:
        await connection.close()


async def becomes(connection: asyncpg.Connection, run_id: str, state: str) -> None:
    """Wait until the run's table is in this state."""

    async def is_so() -> bool:
        found = "SELECT state FROM table_progress WHERE run_id = $1"
        return bool(await connection.fetchval(found, run_id) == state)

    await until(is_so, f"the table is in {state}")
