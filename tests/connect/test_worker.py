"""A whole worker on a real Spark Connect server, which is killed, and the worker too."""

import signal
from pathlib import Path

import anyio
import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.connect.conftest import ENGINE
from tests.connect.server import ConnectServer
from tests.process.conftest import Site, make_site
from tests.support.contracts import contract
from tests.support.runs import ended, events, names, suggestions
from tests.support.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

# Stock DQX takes a quarter of a second for each column: long enough to be met at work.
AT_LENGTH = {"DQX_WORKER_PROFILER": "stock"}


async def made(server: Postgres, spark: ConnectServer, folder: Path, **settings: str) -> Site:
    return await make_site(
        server,
        folder,
        folder.name.replace("-", "_")[:40],
        DQX_WORKER_ENGINE=ENGINE,
        DQX_WORKER_TABLES="shop.*",
        DQX_WORKER_PROBES="off",
        DQX_WORKER_LEASE="3s",
        SPARK_REMOTE=spark.url,
        **settings,
    )


@pytest.fixture(name="spark")
def _spark(connect_server: ConnectServer) -> ConnectServer:
    return connect_server


async def states(site: Site) -> set[str]:
    return {one["state"] for one in await site.backend.progress()}


async def test_a_run_goes_on_when_its_server_was_killed_and_restarted(
    server: Postgres, spark: ConnectServer, tmp_path: Path
) -> None:
    site = await made(server, spark, tmp_path, **AT_LENGTH)
    await site.backend.add_contract(contract("c", one="shop.wide", two="shop.wide"))
    run_id = await site.backend.request("c", ["one", "two"])

    async def profiling() -> bool:
        return await states(site) == {"profiling"}

    with WorkerProcess.running(site.environment, site.log) as worker:
        await until(profiling, "both tables are profiled", seconds=60)
        spark.kill()
        spark.start()
        (run,) = await ended(site.backend, run_id)
        assert worker.exit_code is None
    assert run["status"] == "completed", run["error_message"]
    reported = names(events(site.log))
    assert (reported.count("session.lost"), reported.count("session.replaced")) == (1, 1)
    assert (reported.count("table.retried"), reported.count("run.claimed")) == (2, 1)
    assert "column.skipped" not in reported
    assert len({one["schema_name"] for one in await suggestions(site.backend, run_id)}) == 2


async def test_what_a_killed_worker_has_left_running_its_server_ends(
    server: Postgres, spark: ConnectServer, tmp_path: Path
) -> None:
    """Nobody else can: the tags of a session are known in it alone."""
    site = await made(server, spark, tmp_path, **AT_LENGTH)
    await site.backend.add_contract(contract("c", hours="shop.hours"))
    await site.backend.request("c", ["hours"])

    async def jobs() -> int:
        return len(await anyio.to_thread.run_sync(spark.running_jobs))

    async def works() -> bool:
        return "run.claimed" in names(events(site.log)) and await jobs() == 1

    async def rests() -> bool:
        return await jobs() == 0

    with WorkerProcess.running(site.environment, site.log) as worker:
        await until(works, "Spark counts the rows", seconds=60)
        worker.send(signal.SIGKILL)
        worker.wait(10)
    await until(rests, "the server has ended what nobody waits for", seconds=60)


async def test_sigterm_ends_the_work_on_the_server(
    server: Postgres, spark: ConnectServer, tmp_path: Path
) -> None:
    site = await made(server, spark, tmp_path, DQX_WORKER_GRACE="6s")
    await site.backend.add_contract(contract("c", hours="shop.hours"))
    await site.backend.request("c", ["hours"])

    async def works() -> bool:
        # Before that the server works for the start.
        claimed = "run.claimed" in names(events(site.log))
        return claimed and len(await anyio.to_thread.run_sync(spark.running_jobs)) == 1

    with WorkerProcess.running(site.environment, site.log) as worker:
        await until(works, "Spark counts the rows", seconds=60)
        worker.send(signal.SIGTERM)
        assert worker.wait(20) == 143
    assert await anyio.to_thread.run_sync(spark.running_jobs) == []
