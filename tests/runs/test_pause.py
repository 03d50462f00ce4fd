"""While claiming is paused no worker takes a request, whatever the way; `resume` acts at once."""

from datetime import timedelta

import pytest

from tests.queue.conftest import Insert, attempts_of, expire
from tests.support.options import LEDGER, queue_options
from tests.support.waiting import until
from worker.database.pool import Database
from worker.maintenance.rescue import rescue
from worker.probes.health import Health
from worker.process.report_pause import PauseReport
from worker.queue.claim import claim, claim_last_try, claimable_requests, due_last_try
from worker.queue.claim_run import claim_run
from worker.queue.finish_lease import finish
from worker.queue.heartbeat import Heartbeat
from worker.queue.run_result import RunResult, RunStatus
from worker.runs.cancel import cancel
from worker.runs.pause import pause, resume

pytestmark = pytest.mark.anyio

DONE = RunResult(RunStatus.COMPLETED, "{}")
RESCUING = queue_options(lease=timedelta(microseconds=1), max_attempts=2)


async def test_a_paused_claim_takes_nothing_and_a_resumed_one_takes_it(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    claiming, changed = await pause(database, "ann", "an upgrade")
    assert (claiming.paused, claiming.by, claiming.reason, changed) == (
        True,
        "ann",
        "an upgrade",
        True,
    )
    refused = await claim(database, queue_options(), 2)
    assert (refused, refused.requests_waited) == ([], True)
    # A worker that drains does not wait for what it may not take.
    assert not await claimable_requests(database)
    ended = await resume(database, "bob")
    assert ended == claiming
    assert await claimable_requests(database)
    assert [lease.run.id for lease in await claim(database, queue_options(), 2)] == ["r"]


async def test_the_words_of_the_first_pause_stay_and_a_second_resume_changes_nothing(
    database: Database,
) -> None:
    assert await resume(database, "ann") is None
    first, _ = await pause(database, "ann", "an upgrade")
    assert await pause(database, "bob", "me too") == (first, False)
    assert await resume(database, "bob") == first
    assert await resume(database, "bob") is None
    again, changed = await pause(database, "bob", "")
    assert (again.by, again.reason, changed) == ("bob", None, True)
    assert again.since > first.since


async def test_what_is_in_work_goes_on_and_a_rescued_run_waits(
    database: Database, insert: Insert
) -> None:
    await insert("done")
    await insert("lost")
    options = queue_options()
    leases = {lease.run.id: lease for lease in await claim(database, options, 2)}
    await pause(database, "ann", "")
    await finish(leases["done"], LEDGER, DONE)
    await expire(database, "lost")
    (rescued,) = await rescue(database, RESCUING, LEDGER)
    assert (rescued.run_id, rescued.outcome) == ("lost", "pending")
    # It is a last try now, which has a claim of its own.
    assert await claim(database, options, 2) == []
    assert await due_last_try(database) is None
    assert await claim_last_try(database, options, "lost") is None
    await resume(database, "ann")
    due = await due_last_try(database)
    assert due is not None
    assert due.id == "lost"
    assert await claim_last_try(database, options, "lost") is not None
    assert [one["outcome"] for one in await attempts_of(database, "done")] == ["completed"]


async def test_a_job_and_a_cancel_take_their_run_all_the_same(
    database: Database, insert: Insert
) -> None:
    await insert("job")
    await insert("mistake")
    await pause(database, "ann", "")
    lease = await claim_run(
        database,
        queue_options(),
        run_id="job",
        contract_id="c",
        schema_names="[]",
        patience=timedelta(0),
    )
    assert lease.run.id == "job"
    done = await cancel(database, queue_options(), LEDGER, "mistake", "Cancelled by ann: wrong")
    assert done.worker is None


async def test_the_age_of_a_request_counts_from_the_end_of_a_pause(
    database: Database, insert: Insert
) -> None:
    """Otherwise all that waited for a day would end as too old when claiming is resumed."""
    for run in ("before", "after"):
        await insert(run)
        async with database.connection() as connection:
            await connection.execute(
                "INSERT INTO requests_seen VALUES ($1, clock_timestamp() - interval '2 days')", run
            )
        if run == "before":
            (lease,) = await claim(database, queue_options(), 1)
            assert lease.run.age > timedelta(days=1)
            await pause(database, "ann", "")
            await resume(database, "ann")
    (lease,) = await claim(database, queue_options(), 1)
    assert lease.run.age < timedelta(minutes=1)


async def test_every_worker_reports_a_pause_and_looks_at_once_after_it(
    database: Database,
) -> None:
    woken = 0

    def wake() -> None:
        nonlocal woken
        woken += 1

    # A beat comes once a minute without the notification.
    options = queue_options(lease=timedelta(minutes=1))
    heartbeat = Heartbeat(database, options, "1", wake)
    health = Health()
    report = PauseReport(health.claiming)

    async def noted(note: str | None) -> None:
        async def there() -> bool:
            report.look(heartbeat.claiming)
            shown = health.claiming.report().note
            return shown is None if note is None else shown is not None and note in shown

        await until(there, f"the note is {note}")

    async with heartbeat.running():
        await noted(None)
        await pause(database, "ann", "an upgrade")
        await noted("claiming is paused by ann since ")
        await noted("Z: an upgrade")
        before = woken
        await resume(database, "bob")
        await noted(None)
        assert heartbeat.claiming is not None
        assert heartbeat.claiming.by == "bob"

        async def looks() -> bool:
            return woken > before

        await until(looks, "the worker looks for requests", seconds=10)
