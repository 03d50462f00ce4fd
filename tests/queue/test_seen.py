"""The age of a request counts from when a worker first saw it, whatever date the backend wrote."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert as insert_row
from tests.queue.conftest import Insert
from tests.support.options import LEDGER, queue_options
from worker.database.pool import Database
from worker.maintenance.prune import prune_page
from worker.queue.claim import claim
from worker.queue.claim_run import claim_run
from worker.queue.finish_lease import finish, give_back
from worker.queue.first_seen import note_requests
from worker.queue.lease import Lease
from worker.queue.options import Retention
from worker.queue.run_result import RunResult, RunStatus
from worker.runs.requests import read_run, recent_runs
from worker.telemetry.run_fields import run_fields

pytestmark = pytest.mark.anyio

DELAY = timedelta(minutes=2)
ZONES = ["America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata"]


async def ask(backend: Backend, zone: str, run: str = "r") -> None:
    """Insert a request as Ontos does: UTC without a zone, taken in the zone of its session."""
    async with backend.connection() as owner:
        await insert_row(owner, "data_contracts", id="c", name="c")
        await owner.execute(f"SET TimeZone TO '{zone}'")
        await owner.execute(
            "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at)"
            " VALUES ($1, 'c', 'dqx', 'pending', $2::text::timestamp)",
            run,
            datetime.now(UTC).replace(tzinfo=None).isoformat(),
        )


async def seen_ago(database: Database, run: str, ago: timedelta) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE requests_seen SET first_seen = now() - $2::interval WHERE run_id = $1", run, ago
        )


async def delayed(database: Database) -> list[Lease]:
    return await claim(database, queue_options(claim_delay=DELAY), 10)


@pytest.mark.parametrize("zone", ZONES)
async def test_without_a_delay_a_request_is_claimed_at_once_whatever_its_date(
    backend: Backend, database: Database, zone: str
) -> None:
    await ask(backend, zone)
    (lease,) = await claim(database, queue_options(), 1)
    assert lease.run.age == timedelta(0)


@pytest.mark.parametrize("zone", ZONES)
async def test_a_delay_counts_from_when_a_worker_first_saw_the_request(
    backend: Backend, database: Database, zone: str
) -> None:
    await ask(backend, zone)
    assert await delayed(database) == []
    await note_requests(database)
    assert await delayed(database) == []
    await seen_ago(database, "r", DELAY)
    (lease,) = await delayed(database)
    assert timedelta(0) <= lease.run.age - DELAY < timedelta(minutes=1)


async def test_a_request_is_noted_once_and_forgotten_when_it_is_claimed(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await note_requests(database)
    await seen_ago(database, "r", timedelta(hours=1))
    await note_requests(database)
    (lease,) = await claim(database, queue_options(), 1)
    assert lease.run.age >= timedelta(hours=1)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM requests_seen") == 0


async def test_a_job_that_takes_a_request_leaves_no_note_for_its_next_life(
    backend: Backend, database: Database, insert: Insert
) -> None:
    await insert("r")
    await note_requests(database)
    await seen_ago(database, "r", DELAY)
    lease = await claim_run(
        database,
        queue_options(),
        run_id="r",
        contract_id="c",
        schema_names="[]",
        patience=timedelta(0),
    )
    assert lease.run.age >= DELAY
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM requests_seen") == 0


async def test_a_run_that_was_begun_before_does_not_wait_for_the_delay_again(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    (lease,) = await claim(database, queue_options(), 1)
    await give_back(lease, LEDGER, "the worker stops")
    (again,) = await delayed(database)
    assert again.attempt == 2


async def test_what_is_no_request_is_not_noted(database: Database, insert: Insert) -> None:
    await insert("launched", job="7")
    await insert("of another source", source="llm")
    await insert("running", status="running")
    await note_requests(database)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM requests_seen") == 0


async def test_a_date_that_can_not_be_right_is_returned_once(
    backend: Backend, database: Database, insert: Insert
) -> None:
    for run, started_at in (
        ("ahead", "now() + interval '8 hours'"),
        ("long ago", "now() - interval '8 days'"),
        ("never", "'-infinity'"),
        ("ahead for ever", "'infinity'"),
        ("nine hours back", "now() - interval '9 hours'"),
        ("now", "now()"),
    ):
        await insert(run, status="held")
        async with backend.connection() as owner:
            await owner.execute(
                f"UPDATE data_profiling_runs SET started_at = {started_at} WHERE id = $1", run
            )
    odd = ["ahead", "ahead for ever", "long ago", "never"]

    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'pending'")
    claimed = await claim(database, queue_options(runs_per_contract=10), 2)
    assert [(one.run.id, one.run.odd_date) for one in claimed][:1] == [("never", "-infinity")]
    assert claimed[1].run.id == "long ago"
    assert claimed[1].run.odd_date is not None

    requests = await note_requests(database)
    assert [one.log_fields for one in requests] == [run_fields(one.id, "c") for one in requests]
    noted = {one.id: one.odd_date for one in requests}
    assert sorted([*noted, *(one.run.id for one in claimed)]) == odd
    assert noted["ahead for ever"] == "infinity"
    assert await note_requests(database) == []
    rest = await claim(database, queue_options(runs_per_contract=10), 10)
    assert [one.run.odd_date for one in rest] == [None] * 4
    # Nor once more after a run was given back.
    await give_back(claimed[1], LEDGER, "the worker stops")
    assert await note_requests(database) == []
    (again,) = await claim(database, queue_options(), 1)
    await give_back(again, LEDGER, "the worker stops")
    (again,) = await claim(database, queue_options(), 1)
    assert (again.run.id, again.run.odd_date) == ("long ago", None)


async def test_what_waits_no_longer_is_pruned(
    backend: Backend, database: Database, insert: Insert
) -> None:
    for run in ("cancelled", "deleted", "waiting"):
        await insert(run)
    await note_requests(database)
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status='failed' WHERE id='cancelled'")
        await owner.execute("DELETE FROM data_profiling_runs WHERE id = 'deleted'")
    day = timedelta(days=1)
    await prune_page(database, Retention(keep_runs=day, keep_workers=day))
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT run_id FROM requests_seen")
    assert [row["run_id"] for row in rows] == ["waiting"]


@pytest.mark.parametrize(
    ("started_at", "elapsed"),
    [("now() + interval '8 hours'", timedelta(0)), ("'infinity'", None), ("'-infinity'", None)],
)
async def test_no_time_of_a_run_is_negative(
    backend: Backend, database: Database, insert: Insert, started_at: str, elapsed: timedelta | None
) -> None:
    await insert("r")
    async with backend.connection() as owner:
        await owner.execute(f"UPDATE data_profiling_runs SET started_at = {started_at}")
    assert await elapsed_of(database) == [elapsed] * 2


async def elapsed_of(database: Database) -> list[timedelta | None]:
    """Return what `status` shows of the run, by itself and in the list."""
    run = await read_run(database, "r")
    assert run is not None
    return [run["elapsed"], *(one["elapsed"] for one in await recent_runs(database, 1))]


@pytest.mark.parametrize("zone", ZONES)
async def test_the_time_of_a_run_goes_by_what_the_worker_saw(
    backend: Backend, database: Database, zone: str
) -> None:
    def about(seconds: float) -> list[object]:
        return [pytest.approx(timedelta(seconds=seconds), abs=timedelta(seconds=10))] * 2

    await ask(backend, zone)
    await note_requests(database)
    await seen_ago(database, "r", timedelta(minutes=5))
    assert await elapsed_of(database) == about(300)
    (lease,) = await claim(database, queue_options(), 1)
    assert await elapsed_of(database) == about(0)
    await finish(lease, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
    async with database.connection() as connection:
        await connection.execute("UPDATE attempts SET begun_at = ended_at - interval '1 hour'")
    assert await elapsed_of(database) == about(3600)
