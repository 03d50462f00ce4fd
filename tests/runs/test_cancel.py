"""An operator's cancel is obeyed by whoever has the run, survives it, and beats what it does."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import (
    Insert,
    attempts_of,
    begin_tables,
    count,
    expire,
    states_of,
)
from tests.support.options import LEDGER, queue_options
from tests.support.runs import row
from tests.support.waiting import until
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.maintenance.rescue import rescue
from worker.queue.claim import claim
from worker.queue.claimed_run import LONGEST_ID
from worker.queue.errors import RunEnded, RunUnclaimable
from worker.queue.finish_lease import cancel_run, finish, give_back, postpone
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.run_result import RunResult, RunStatus
from worker.runs.cancel import cancel
from worker.runs.errors import cancelled

pytestmark = pytest.mark.anyio

DONE = RunResult(RunStatus.COMPLETED, "{}")
WORDS = cancelled("ann", "wrong table")


@pytest.fixture
async def lease(database: Database, insert: Insert) -> Lease:
    await insert("r")
    (claimed,) = await claim(database, queue_options(worker="its worker"), 1)
    return claimed


async def cancelled_run(database: Database, run: str = "r", **changes: Any) -> str | None:
    done = await cancel(database, queue_options(**changes), LEDGER, run, WORDS)
    assert done.words == WORDS
    return done.worker


async def _nothing_more(transaction: Connection) -> None:
    raise AssertionError("nothing more is written")


@pytest.mark.parametrize(
    "end",
    [
        lambda lease: finish(lease, LEDGER, DONE),
        lambda lease: give_back(lease, LEDGER, "drained"),
        lambda lease: postpone(lease, LEDGER, "throttled", timedelta(0)),
        lambda lease: lease.write(_nothing_more),
    ],
    ids=["finish", "give back", "postpone", "write"],
)
async def test_a_cancel_that_is_committed_beats_a_completion_a_give_back_and_a_retry(
    database: Database, backend: Backend, lease: Lease, end: Callable[[Lease], Awaitable[None]]
) -> None:
    assert await cancelled_run(database) == "its worker"
    with pytest.raises(RunCancelled, match="Cancelled by ann: wrong table"):
        await end(lease)
    assert (await row(backend, "r"))["status"] == "running"


async def test_a_cancel_beats_a_completion_that_it_meets_before_its_commit(
    database: Database, backend: Backend, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cancel is committed after the completion's proof, before its last statement."""
    prove = Lease.prove

    async def prove_then_cancel(self: Lease, transaction: Connection, **more: Any) -> None:
        await prove(self, transaction, **more)
        async with database.connection() as other:
            # As the command's own statement, without its wait for who writes.
            await other.execute("UPDATE leases SET cancel_requested = $1", WORDS)

    monkeypatch.setattr(Lease, "prove", prove_then_cancel)
    with pytest.raises(RunCancelled):
        await finish(lease, LEDGER, DONE)
    assert (await row(backend, "r"))["status"] == "running"


async def test_what_is_being_written_commits_first_and_nothing_after_the_cancel(
    database: Database, lease: Lease
) -> None:
    order: list[str] = []
    waiting = "pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

    async def cancel_meanwhile() -> None:
        await cancelled_run(database)
        order.append("cancelled")

    async with anyio.create_task_group() as tasks:

        async def write(transaction: Connection) -> None:
            if not order:
                tasks.start_soon(cancel_meanwhile)

                async def blocked() -> bool:
                    return await count(database, waiting) > 0

                await until(blocked, "the cancel waits for what is written")
            order.append("written")

        await lease.write(write)
    assert order == ["written", "cancelled"]


@pytest.mark.parametrize(("setting", "status"), [("failed", "failed"), ("cancelled", "cancelled")])
async def test_its_end_is_written_with_the_words_and_what_is_done_stays(
    database: Database, backend: Backend, lease: Lease, setting: str, status: str
) -> None:
    await begin_tables(lease, a="completed", b="profiling")
    await cancelled_run(database)
    for _ in range(2):  # Again, as where the first answer got lost.
        assert await cancel_run(lease, LEDGER, setting) == WORDS
    run = await row(backend, "r")
    assert (run["status"], run["error_message"]) == (status, WORDS)
    assert run["completed_at"] is not None
    assert await states_of(database) == {"a": "completed", "b": "skipped"}
    assert [one["outcome"] for one in await attempts_of(database)] == ["cancelled"]
    assert await count(database, "leases") == 0


async def test_the_heartbeat_stops_the_attempt_at_once_and_keeps_its_lease(
    database: Database, lease: Lease
) -> None:
    options = queue_options(lease=timedelta(minutes=1))
    heartbeat = Heartbeat(database, options, "1", lambda: None)
    await heartbeat.add(lease)
    # The first beat is over by then.
    async with heartbeat.running():
        await cancelled_run(database)
        with anyio.fail_after(10), lease.scope:
            # A third of a minute without the notification.
            await anyio.sleep_forever()
        assert lease.cancelled == WORDS
        await cancel_run(lease, LEDGER, "failed")


async def test_a_cancel_does_not_undo_what_somebody_decides_meanwhile(
    database: Database, backend: Backend, lease: Lease
) -> None:
    await cancelled_run(database)
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'completed'")
    with pytest.raises(RunOverruled):
        await cancel_run(lease, LEDGER, "failed")
    assert (await row(backend, "r"))["status"] == "completed"


async def test_a_worker_that_was_taken_over_cancels_nothing(
    database: Database, backend: Backend, lease: Lease
) -> None:
    await cancelled_run(database)
    await expire(database)
    async with database.connection() as connection:
        await connection.execute("UPDATE leases SET cancel_requested = NULL")
    await rescue(database, queue_options(lease=timedelta(microseconds=1)), LEDGER)
    with pytest.raises(LeaseLost):
        await cancel_run(lease, LEDGER, "failed")
    # Nor if its heartbeat had read of the cancel before.
    with pytest.raises(LeaseLost):
        await cancel_run(replace(lease, cancelled=WORDS), LEDGER, "failed")
    assert (await row(backend, "r"))["status"] == "pending"


async def test_a_cancel_survives_its_worker(
    database: Database, backend: Backend, lease: Lease
) -> None:
    await cancelled_run(database)
    await expire(database)
    (one,) = await rescue(database, queue_options(lease=timedelta(microseconds=1)), LEDGER)
    assert (one.outcome, one.reason) == ("failed", WORDS)
    run = await row(backend, "r")
    assert (run["status"], run["error_message"]) == ("failed", WORDS)
    assert await claim(database, queue_options(), 1) == []


async def test_the_run_of_a_worker_that_died_is_ended_at_once(
    database: Database, backend: Backend, lease: Lease
) -> None:
    await expire(database)
    assert await cancelled_run(database) is None
    run = await row(backend, "r")
    assert (run["status"], run["error_message"]) == ("failed", WORDS)
    assert await count(database, "leases") == 0


async def test_a_request_that_nobody_works_on_is_cancelled_too(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    assert await cancelled_run(database) is None
    run = await row(backend, "r")
    assert (run["status"], run["error_message"]) == ("failed", WORDS)
    assert await claim(database, queue_options(), 1) == []


async def test_a_request_in_its_back_off_is_cancelled_with_what_was_done(
    database: Database, backend: Backend, lease: Lease
) -> None:
    await begin_tables(lease, a="completed", b="profiling")
    await postpone(lease, LEDGER, "throttled", timedelta(hours=1))
    assert await cancelled_run(database) is None
    run = await row(backend, "r")
    assert (run["status"], run["error_message"]) == ("failed", WORDS)
    assert '"main.a"' in run["summary_stats"]


async def test_a_command_that_dies_over_a_request_leaves_its_cancel_to_the_workers(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    sql = load_sql("worker.runs", "claim_to_cancel")
    async with database.connection() as connection:
        lease = timedelta(microseconds=1)
        assert await connection.fetchrow(sql, "r", "a command", lease, WORDS, LONGEST_ID)
    (one,) = await rescue(database, queue_options(lease=lease), LEDGER)
    assert (one.outcome, one.reason) == ("failed", WORDS)


async def test_the_first_cancel_is_the_one_that_is_reported(
    database: Database, lease: Lease
) -> None:
    await cancelled_run(database)
    again = await cancel(database, queue_options(), LEDGER, "r", cancelled("bob", "me too"))
    assert again.words == WORDS


@pytest.mark.parametrize(
    ("row_of", "message"),
    [
        ({"status": "completed"}, "has ended already: completed"),
        ({"status": "running"}, r"running and held by no worker\. .* dqx-worker adopt r"),
        ({"job": "77"}, "belongs to the job run 77"),
        ({"source": "llm"}, "is of source llm"),
    ],
)
async def test_what_is_not_to_be_cancelled_is_refused_and_left(
    database: Database, backend: Backend, insert: Insert, row_of: dict[str, str], message: str
) -> None:
    await insert("r", **row_of)
    before = await row(backend, "r")
    with pytest.raises(RunUnclaimable, match=message) as refused:
        await cancelled_run(database)
    assert isinstance(refused.value, RunEnded) == (row_of == {"status": "completed"})
    assert await row(backend, "r") == before


async def test_a_run_that_is_not_there_is_reported(database: Database) -> None:
    with pytest.raises(RunUnclaimable, match="There is no run r"):
        await cancelled_run(database)
