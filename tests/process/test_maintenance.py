"""What every worker does for all of them: nothing too early, and each thing told once."""

from datetime import timedelta

import anyio
import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from tests.queue.conftest import count, expire
from tests.support.options import LEDGER, queue_options
from tests.support.waiting import until
from worker.database.pool import Database
from worker.process.maintenance import Maintenance
from worker.queue.claim import claim
from worker.queue.heartbeat import Heartbeat
from worker.queue.options import Retention

pytestmark = pytest.mark.anyio

OPTIONS = queue_options(lease=timedelta(microseconds=1))


@pytest.fixture
async def run_id(backend: Backend) -> str:
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")
    return await backend.request("c", ["a"])


@pytest.fixture
def woken() -> list[None]:
    return []


@pytest.fixture
def heartbeat(database: Database) -> Heartbeat:
    return Heartbeat(database, OPTIONS, "1", lambda: None)


@pytest.fixture
async def maintenance(database: Database, heartbeat: Heartbeat, woken: list[None]) -> Maintenance:
    return Maintenance(
        database,
        queue=OPTIONS,
        retention=Retention(keep_runs=timedelta(days=1), keep_workers=timedelta(days=1)),
        tables=LEDGER,
        heartbeat=heartbeat,
        wake=lambda: woken.append(None),
    )


async def test_nothing_is_taken_over_while_the_heartbeat_fails(
    maintenance: Maintenance,
    heartbeat: Heartbeat,
    database: Database,
    run_id: str,
    woken: list[None],
) -> None:
    await claim(database, queue_options(), 1)
    await expire(database, run_id)

    async def looked() -> bool:
        return not heartbeat.expired.is_set()

    async def rescued() -> bool:
        return await count(database, "leases") == 0

    async def is_woken() -> bool:
        return bool(woken)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(maintenance.run)
        heartbeat.expired.set()
        await until(looked, "it has heard of the lease")
        assert not await rescued()
        heartbeat.healthy = True
        heartbeat.expired.set()
        await until(rescued, "the lease is taken over", seconds=10)
        # Its run is a request again.
        await until(is_woken, "the poller is woken", seconds=10)
        tasks.cancel_scope.cancel()


async def test_a_run_that_is_nobodys_is_reported_once_as_long_as_it_is(
    maintenance: Maintenance, backend: Backend, run_id: str
) -> None:
    reports = []
    for status in ("running", "running", "pending", "running"):
        async with backend.connection() as owner:
            await owner.execute("UPDATE data_profiling_runs SET status = $1", status)
        with capture_logs() as logged:
            await maintenance._report_unheld_runs()
        reports.append([line["run"] for line in logged])
    assert reports == [[run_id], [], [], [run_id]]
