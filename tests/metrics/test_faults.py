"""What the metrics show when something goes wrong."""

import threading
from datetime import timedelta

import pytest

from deploy.sandbox.backend import Backend
from tests.metrics.conftest import Scrape, Site
from tests.queue.conftest import expire
from tests.support.options import queue_options
from tests.support.scripted_profiler import Scripted, raises, until_interrupted
from worker.database.pool import Database
from worker.metrics.instruments import REGISTRY
from worker.queue.claim import claim
from worker.tables.errors import TableError, TableUnavailable

pytestmark = pytest.mark.anyio


def grown(before: Scrape, after: Scrape, name: str, **labels: str) -> float:
    return (after.value(name, **labels) or 0) - (before.value(name, **labels) or 0)


async def test_a_run_of_a_worker_that_died_is_counted_by_its_rescuer(
    site: Site, database: Database
) -> None:
    run = await site.request("orders")
    await claim(database, queue_options(worker="dead", lease=timedelta(seconds=3)), 1)
    await expire(database, run)
    async with site.working(Scripted(orders=[raises(TableError("no such table"))])):
        before = await site.scrape()
        await site.shows(lambda found: found.value("queue_requests", state="in_work") == 1, "it")

        def rescued(found: Scrape) -> bool:
            return grown(before, found, "rescues_total", cause="silent") == 1

        await site.shows(rescued, "the rescue")
        await site.shows(
            lambda found: grown(before, found, "attempts_total", outcome="failed") == 1, "the end"
        )
        after = await site.scrape()
    assert grown(before, after, "rescues_total", cause="outage") == 0


async def test_a_lease_that_is_gone_is_lost(site: Site, database: Database) -> None:
    async with site.working(Scripted(orders=[until_interrupted])):
        before = await site.scrape()
        await site.request("orders")
        await site.shows(lambda found: found.value("tables_in_flight") == 1, "the table")
        async with database.connection() as connection:
            await connection.execute("DELETE FROM leases")

        def lost(found: Scrape) -> bool:
            return (
                grown(before, found, "leases_lost_total") == 1
                and grown(before, found, "attempts_total", outcome="taken_away") == 1
            )

        await site.shows(lost, "the loss")
        await site.shows(
            lambda found: found.value("queue_requests", state="without_lease") == 1,
            "a run that no worker holds",
        )


async def test_a_table_that_fails_for_a_temporary_reason_is_unfinished_and_its_run_postponed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.attempt.work_on_table._RETRY_PAUSE", 0.01)
    away = raises(TableUnavailable("the warehouse is away"))
    async with site.working(Scripted(orders=[away])):
        before = await site.scrape()
        await site.request("orders")
        # The second attempt begins at once, the third after a back-off.
        await site.shows(
            lambda found: grown(before, found, "attempts_total", outcome="postponed") == 2,
            "two attempts",
        )
        after = await site.scrape()
        assert grown(before, after, "runs_total", status="failed", reason="tables") == 0
        assert grown(before, after, "tables_total", outcome="unfinished") == 2
        assert grown(before, after, "table_phase_seconds_count", phase="profile") == 4


async def test_a_schema_that_lacks_a_migration_shows_it(site: Site, database: Database) -> None:
    async with site.working(Scripted(orders=[raises(TableError("no such table"))])):
        await site.shows(lambda found: found.value("migrations_pending") == 0, "none")
        async with database.connection() as connection:
            await connection.execute(
                "DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)"
            )
        # A run that fails makes the worker examine its tables.
        await site.request("orders")
        await site.shows(
            lambda found: found.value("migrations_pending") == 1 and found.value("ready") == 0,
            "one migration",
        )


async def test_a_thread_that_hangs_is_shown_until_it_is_back(
    site: Site, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.spark.profiling_threads._PATIENCE", 0.2)
    released = threading.Event()

    def deaf(_: threading.Event) -> None:
        released.wait()
        raise InterruptedError

    async with site.working(Scripted(orders=[deaf])):  # type: ignore[list-item]
        run = await site.request("orders")
        try:
            await site.shows(lambda found: found.value("tables_in_flight") == 1, "the table")
            async with backend.connection() as owner:
                await owner.execute(
                    "UPDATE data_profiling_runs SET status = 'failed' WHERE id = $1", run
                )
            await site.shows(lambda found: found.value("stuck_threads") == 1, "the thread")
        finally:
            released.set()
        await site.shows(lambda found: found.value("stuck_threads") == 0, "that it is back")


async def test_a_cancelled_run_is_counted_as_such(site: Site, database: Database) -> None:
    async with site.working(Scripted(orders=[until_interrupted])):
        before = await site.scrape()
        await site.request("orders")
        await site.shows(lambda found: found.value("tables_in_flight") == 1, "the table")
        async with database.connection() as connection:
            await connection.execute("UPDATE leases SET cancel_requested = 'by a test'")

        def cancelled(found: Scrape) -> bool:
            return (
                grown(before, found, "attempts_total", outcome="cancelled") == 1
                and grown(before, found, "runs_total", status="failed", reason="cancelled") == 1
            )

        await site.shows(cancelled, "the cancel")


async def test_what_a_worker_gives_back_at_its_end_is_counted(site: Site) -> None:
    labels = {"outcome": "given_back"}
    before = REGISTRY.get_sample_value("dqx_worker_attempts_total", labels) or 0
    async with site.working(Scripted(orders=[until_interrupted])):
        await site.request("orders")
        await site.shows(lambda found: found.value("tables_in_flight") == 1, "the table")
    assert REGISTRY.get_sample_value("dqx_worker_attempts_total", labels) == before + 1
