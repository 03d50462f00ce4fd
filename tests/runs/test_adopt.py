"""A run that is running and nobody's is reported, and touched by nothing but adopt."""

from datetime import timedelta

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, attempts_of, count, expire
from tests.support.options import LEDGER, queue_options
from tests.support.runs import row
from worker.database.pool import Database
from worker.maintenance.rescue import rescue
from worker.queue.claim import claim
from worker.queue.errors import RunUnclaimable
from worker.runs.adopt import UnheldRun, adopt, unheld_runs
from worker.runs.errors import adopted

pytestmark = pytest.mark.anyio

WORDS = adopted("ann")
SOON = timedelta(microseconds=1)


async def test_a_run_that_is_running_without_a_lease_is_touched_by_no_worker(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("orphan", status="running", age=100)
    await insert("a job's", status="running", job="77")
    await insert("another source", status="running", source="llm")
    before = await row(backend, "orphan")
    assert await claim(database, queue_options(), 10) == []
    assert await rescue(database, queue_options(lease=SOON), LEDGER) == []
    assert await row(backend, "orphan") == before
    assert await unheld_runs(database) == [
        UnheldRun("orphan", None, "c", None, None),
        UnheldRun("a job's", "77", "c", None, None),
    ]


async def test_a_run_with_a_lease_is_not_nobodys(database: Database, insert: Insert) -> None:
    await insert("r")
    await claim(database, queue_options(), 1)
    assert await unheld_runs(database) == []
    with pytest.raises(RunUnclaimable, match=r"r is running, .* has it"):
        await adopt(database, queue_options(), LEDGER, "r", WORDS)
    # Nor is that counted as a try of its own.
    assert len(await attempts_of(database)) == 1


async def test_a_run_of_another_program_is_not_adopted(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r", status="running", source="llm")
    before = await row(backend, "r")
    with pytest.raises(RunUnclaimable):
        await adopt(database, queue_options(), LEDGER, "r", WORDS)
    assert await row(backend, "r") == before


async def test_what_an_adopted_run_has_lost_before_still_counts(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    await claim(database, queue_options(), 1)
    await expire(database)
    await rescue(database, queue_options(lease=SOON), LEDGER)
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'running'")
    await adopt(database, queue_options(), LEDGER, "r", WORDS)
    assert [one["tries"] for one in await attempts_of(database)] == [1, 2]
    # Being adopted is no failure: it waits for nothing, and is taken beside others.
    (lease,) = await claim(database, queue_options(), 1)
    assert lease.tries == 2


async def test_an_adopted_run_is_a_request_again_and_has_lost_no_try(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r", status="running")
    done = await adopt(database, queue_options(), LEDGER, "r", WORDS)
    assert (done.outcome, done.reason) == ("pending", WORDS)
    assert (await row(backend, "r"))["status"] == "pending"
    (attempt,) = await attempts_of(database)
    assert (attempt["outcome"], attempt["counts"], attempt["reason"]) == ("expired", False, WORDS)
    (lease,) = await claim(database, queue_options(), 1)
    assert lease.tries == 1


async def test_an_adopted_run_of_a_job_ends_failed(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r", status="running", job="77")
    assert (await adopt(database, queue_options(), LEDGER, "r", WORDS)).outcome == "failed"
    run = await row(backend, "r")
    assert (run["status"], run["error_message"]) == ("failed", WORDS)
    assert await count(database, "leases") == 0


@pytest.mark.parametrize("status", ["pending", "completed", "cancelled"])
async def test_what_is_not_running_is_not_adopted(
    database: Database, backend: Backend, insert: Insert, status: str
) -> None:
    await insert("r", status=status)
    before = await row(backend, "r")
    with pytest.raises(RunUnclaimable, match=f"r is {status}"):
        await adopt(database, queue_options(), LEDGER, "r", WORDS)
    assert await row(backend, "r") == before


async def test_a_run_that_is_not_there_is_reported(database: Database) -> None:
    with pytest.raises(RunUnclaimable, match="There is no run r"):
        await adopt(database, queue_options(), LEDGER, "r", WORDS)
