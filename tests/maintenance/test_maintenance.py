"""What a worker does for all of them: nothing too early, by one at a time, each report once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from tests.queue.conftest import count, expire
from tests.support.options import LEDGER, queue_options
from tests.support.waiting import until
from worker.database.pool import Database
from worker.maintenance.maintenance import Maintenance
from worker.maintenance.presence import noted_stop
from worker.queue.claim import claim
from worker.queue.heartbeat import Heartbeat
from worker.queue.options import QueueOptions, Retention
from worker.telemetry.events import Event

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


async def test_one_worker_at_a_time_reports_and_prunes(
    database: Database, run_id: str, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_FIRST_ROUND", "_ROUND"):
        monkeypatch.setattr(f"worker.maintenance.maintenance.{name}", 0.05)
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'running'")
    first, second = queue_options(), queue_options()

    async def keep_house(queue: QueueOptions) -> None:
        heartbeat = Heartbeat(database, queue, "1", lambda: None)
        async with noted_stop(database, queue.worker), heartbeat.running():
            await Maintenance(
                database,
                queue=queue,
                retention=Retention(),
                tables=LEDGER,
                heartbeat=heartbeat,
                wake=lambda: None,
            ).run()

    async def keeper() -> tuple[str, datetime] | None:
        async with database.connection() as connection:
            row = await connection.fetchrow("SELECT worker, last_round FROM maintenance")
        return (row["worker"], row["last_round"]) if row else None

    async def first_keeps() -> bool:
        return (await keeper() or ("",))[0] == first.worker

    async def second_keeps() -> bool:
        return (await keeper() or ("",))[0] == second.worker

    with capture_logs() as logged:
        async with anyio.create_task_group() as of_second:
            async with anyio.create_task_group() as of_first:
                of_first.start_soon(keep_house, first)
                await until(first_keeps, "the first worker keeps house", seconds=10)
                of_second.start_soon(keep_house, second)
                for _ in range(5):
                    before = await keeper()

                    async def next_round(before: object = before) -> bool:
                        return await keeper() != before

                    await until(next_round, "the next round is made", seconds=10)
                    assert await first_keeps()
                of_first.cancel_scope.cancel()
            await until(second_keeps, "the second worker keeps house", seconds=10)

            async def reported() -> bool:
                return len(reports(logged)) == 2

            await until(reported, "the second worker has reported the run", seconds=10)
            of_second.cancel_scope.cancel()
    assert reports(logged) == [run_id, run_id]


def reports(logged: Sequence[Mapping[str, Any]]) -> list[str]:
    return [line["run"] for line in logged if line["event"] == Event.RUN_NOBODYS]


async def test_a_run_without_a_holder_is_reported_once_as_long_as_it_has_none(
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


async def test_a_round_goes_on_pruning_while_there_is_something_to_drop(
    maintenance: Maintenance, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.maintenance.prune._AT_ONCE", 2)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO attempts (run_id, number, worker, ended_at, outcome)"
            " SELECT 'gone-' || n, 1, 'w', now(), 'completed' FROM generate_series(1, 9) n"
        )
    with capture_logs() as logged:
        await maintenance._prune()
    assert [(line["event"], line["runs"]) for line in logged] == [(Event.TABLES_PRUNED, 9)]
    assert await count(database, "attempts") == 0
