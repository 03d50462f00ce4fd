"""What a worker's /metrics hold while it works, waits, and has lost its database."""

import re
import threading
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from tests.metrics.conftest import Scrape, Site
from tests.support.databases import shut
from tests.support.scripted_profiler import Scripted, profiled, raises, until
from worker.database.pool import Database
from worker.tables.errors import TableError

pytestmark = pytest.mark.anyio

CATALOGUE = Path(__file__).parents[2] / "docs" / "metrics.md"


def since(before: Scrape, after: Scrape, name: str, **labels: str) -> float:
    """Return by how much a counter has grown."""
    return (after.value(name, **labels) or 0) - (before.value(name, **labels) or 0)


async def test_the_page_has_exactly_the_metrics_of_a_worker_that_has_worked(site: Site) -> None:
    page = {
        name.removesuffix("_total"): (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in re.findall(
            r"^\| `(\w+)` \| (\w+) \|([^|]*)\|", CATALOGUE.read_text("utf-8"), re.MULTILINE
        )
    }
    async with site.working(Scripted(orders=[profiled])):
        await site.request("orders")
        await site.shows(
            lambda found: found.value("suggestions_total", function="is_not_null") is not None,
            "a suggestion",
        )
        found = await site.scrape()
    exposed = {
        name: (family.type, {label for one in family.samples for label in one.labels} - {"le"})
        for name, family in found.families.items()
    }
    # Of a static password there is nothing to mint.
    exposed["dqx_worker_token_mints"] = ("counter", {"outcome"})
    exposed["dqx_worker_token_life_seconds"] = ("gauge", set())
    assert page == exposed


async def test_a_run_is_counted_from_its_claim_to_its_end(site: Site) -> None:
    profiler = Scripted(orders=[profiled], customers=[raises(TableError("no such table"))])
    async with site.working(profiler):
        before = await site.scrape()
        run = await site.request("orders", "customers")
        ended = "run_work_seconds_count"
        await site.shows(lambda found: since(before, found, ended) == 1, "an end")
        after = await site.scrape()
    grown = {
        (name, *labels.values()): since(before, after, name, **labels)
        for name, labels in [
            ("claims_total", {}),
            ("run_wait_seconds_count", {}),
            ("attempts_total", {"outcome": "failed"}),
            ("attempts_total", {"outcome": "completed"}),
            ("runs_total", {"status": "failed", "reason": "tables"}),
            ("runs_total", {"status": "completed", "reason": "profiled"}),
            ("tables_total", {"outcome": "profiled"}),
            ("tables_total", {"outcome": "failed"}),
            ("rows_profiled_total", {}),
            ("suggestions_total", {"function": "is_not_null"}),
            ("table_phase_seconds_count", {"phase": "sample"}),
            ("table_phase_seconds_count", {"phase": "profile"}),
            ("table_phase_seconds_count", {"phase": "judge"}),
            ("table_phase_seconds_count", {"phase": "write"}),
        ]
    }
    assert grown == {
        ("claims_total",): 1,
        ("run_wait_seconds_count",): 1,
        ("attempts_total", "failed"): 1,
        ("attempts_total", "completed"): 0,
        ("runs_total", "failed", "tables"): 1,
        ("runs_total", "completed", "profiled"): 0,
        ("tables_total", "profiled"): 1,
        ("tables_total", "failed"): 1,
        ("rows_profiled_total",): 10,
        ("suggestions_total", "is_not_null"): 1,
        ("table_phase_seconds_count", "sample"): 2,
        ("table_phase_seconds_count", "profile"): 2,
        ("table_phase_seconds_count", "judge"): 1,
        ("table_phase_seconds_count", "write"): 1,
    }
    assert not {"orders", "customers", run} & {
        value
        for family in after.families.values()
        for sample in family.samples
        for value in sample.labels.values()
    }


async def test_the_queue_is_counted_while_it_waits_and_when_it_is_empty(
    site: Site, backend: Backend, database: Database
) -> None:
    released = threading.Event()
    names = ("a", "b", "d", "e", "f")
    held = [until(released)]
    async with site.working(Scripted(a=held, b=held, d=held, e=held, f=held)):
        for name in names:
            await site.request(name)
        async with backend.connection() as owner:
            await owner.execute(
                "INSERT INTO data_profiling_runs"
                " (id, contract_id, source, status, run_id, started_at) VALUES"
                " ('left', 'a', 'dqx', 'running', NULL, now()),"
                " ('a job has it', 'a', 'dqx', 'pending', 'job', now()),"
                " ('ended', 'a', 'dqx', 'completed', NULL, now()),"
                " ('not ours', 'a', 'other', 'running', NULL, now())"
            )

        def crowded(found: Scrape) -> bool:
            return (
                found.value("queue_requests", state="waiting") == 3
                and found.value("queue_requests", state="in_work") == 2
                and found.value("queue_requests", state="without_lease") == 1
                and found.value("tables_in_flight") == 2
            )

        try:
            await site.shows(crowded, "three that wait behind two")
            found = await site.scrape()
            assert (found.value("queue_oldest_age_seconds") or 0) > 0
            async with database.connection() as connection:
                shown = await connection.fetchrow("SELECT * FROM queue_status")
                await connection.execute("UPDATE claiming SET paused = true")
            assert shown is not None
            assert [shown[name] for name in ("waiting", "in_work", "without_lease")] == [3, 2, 1]
            await site.shows(lambda found: found.value("claiming_paused") == 1, "the pause")
        finally:
            released.set()
        async with database.connection() as connection:
            await connection.execute("UPDATE claiming SET paused = false")

        def empty(found: Scrape) -> bool:
            return [
                found.value("queue_requests", state="waiting"),
                found.value("queue_requests", state="in_work"),
                found.value("queue_requests", state="without_lease"),
                found.value("queue_oldest_age_seconds"),
                found.value("tables_in_flight"),
                found.value("claiming_paused"),
            ] == [0, 0, 1, 0, 0, 0]

        await site.shows(empty, "nothing but the run that no worker holds")


async def test_a_scrape_needs_no_database(site: Site, server: Postgres, backend: Backend) -> None:
    async with site.working(Scripted()):
        await site.shows(lambda found: found.value("ready") == 1, "a worker that is ready")
        well = await site.scrape()
        assert well.value("database_up") == 1
        assert (well.value("heartbeat_age_seconds") or 0) < 3
        async with shut(server, backend.worker.database):
            await site.shows(lambda found: found.value("database_up") == 0, "the outage")
            await site.shows(lambda found: found.value("ready") == 0, "a worker that is not ready")
            away = await site.scrape()
            assert (away.value("heartbeat_age_seconds") or 0) > 0
            looked = "queue_looked_at_timestamp_seconds"
            assert (away.value(looked) or 0) >= (well.value(looked) or 0) > 0
        await site.shows(lambda found: found.value("ready") == 1, "that it is over")
