"""A run that ends early tells of its own tables alone, whatever earlier attempts have left."""

import json
from collections.abc import Awaitable, Callable, Sequence

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert
from tests.support.options import LEDGER, queue_options
from worker.attempt.abandoned_run import end_early
from worker.database.pool import Connection, Database
from worker.progress import table_progress
from worker.progress.table_progress import Phase
from worker.queue.claim import claim
from worker.queue.finish_lease import finish, give_back
from worker.queue.lease import Lease
from worker.queue.run_result import RunResult, RunStatus
from worker.runs.cancel import cancel

pytestmark = pytest.mark.anyio

LIMIT = 1_000_000


async def begun(database: Database, names: Sequence[str], *, done: Sequence[str]) -> Lease:
    """Claim the run and begin its tables, of which some are done."""
    (lease,) = await claim(database, queue_options(), 1)
    await lease.write(lambda tx: table_progress.begin(tx, "r", lease.attempt, names))
    for name in done:
        await lease.write(done_with(name))
    return lease


def done_with(name: str) -> Callable[[Connection], Awaitable[None]]:
    return lambda tx: table_progress.complete(
        tx, "r", name, rows_sampled=1, columns=1, suggestions=2, summary="{}"
    )


async def states(database: Database) -> dict[str, str]:
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT schema_name, state FROM table_progress")
    return {row["schema_name"]: row["state"] for row in rows}


async def test_what_is_done_stays_and_the_rest_says_why_not(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    lease = await begun(database, ["a", "b"], done=["a"])
    end = await end_early(lease, "why", LEDGER)
    assert (end.status, end.error_message) == (
        RunStatus.FAILED,
        "Failed to profile 1 of 2 schemas: b: why",
    )
    assert json.loads(end.summary_stats or "")["total_suggestions"] == 2
    assert await states(database) == {"a": "completed", "b": "skipped"}


async def test_a_run_whose_tables_are_all_done_is_completed(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    end = await end_early(await begun(database, ["a"], done=["a"]), "why", LEDGER)
    assert end.status is RunStatus.COMPLETED


async def set_back(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("UPDATE public.data_profiling_runs SET status = 'pending'")


async def test_a_run_that_is_asked_for_again_is_done_again(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    first = await begun(database, ["a", "b"], done=["a", "b"])
    await finish(first, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
    await set_back(database)
    await begun(database, ["a"], done=[])
    assert await states(database) == {"a": "pending"}


async def test_a_run_that_is_cancelled_before_its_tables_reports_no_earlier_ones(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    first = await begun(database, ["a"], done=["a"])
    await finish(first, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
    await set_back(database)
    await claim(database, queue_options(), 1)
    async with database.connection() as connection:
        await connection.execute("UPDATE leases SET expires_at = now()")
    await cancel(database, queue_options(), LEDGER, "r", "enough")
    (run,) = await backend.poll()
    assert (run["status"], json.loads(run["summary_stats"])["tables"]) == ("failed", {})


async def test_a_later_attempt_keeps_what_is_done_and_forgets_what_it_is_not_asked_for(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    first = await begun(database, ["a", "b"], done=["a"])
    async with database.connection() as connection:
        await connection.execute("DELETE FROM leases")
        await connection.execute("UPDATE attempts SET ended_at = now(), outcome = 'expired'")
    await set_back(database)
    assert first.attempt == 1
    await begun(database, ["c"], done=[])
    assert await states(database) == {"a": "completed", "c": "pending"}


async def test_when_a_table_was_begun_stays_through_its_phases(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    lease = await begun(database, ["a"], done=[])
    times = []
    for phase in (Phase.SAMPLING, Phase.PROFILING):
        async with database.transaction() as transaction:
            await table_progress.enter(transaction, lease, {"a": phase})
        async with database.connection() as connection:
            times.append(await connection.fetchval("SELECT begun_at FROM table_progress"))
    assert times[0] == times[1] is not None


async def test_an_earlier_end_is_never_taken_for_this_one(
    database: Database, insert: Insert
) -> None:
    """Somebody set a completed run back, and this attempt did not come as far as its tables."""
    await insert("r")
    first = await begun(database, ["a"], done=["a"])
    await finish(first, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
    await set_back(database)
    (second,) = await claim(database, queue_options(), 1)
    end = await end_early(second, "why", LEDGER)
    assert (end.status, end.error_message) == (RunStatus.FAILED, "why")
    assert await states(database) == {}


async def test_what_an_interrupted_attempt_left_open_is_closed_or_gone(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    first = await begun(database, ["a", "b", "other"], done=["a"])
    await give_back(first, LEDGER, "stopped")
    second = await begun(database, ["a", "b"], done=[])
    assert await states(database) == {"a": "completed", "b": "pending"}
    await give_back(second, LEDGER, "stopped")
    (third,) = await claim(database, queue_options(), 1)
    end = await end_early(third, "why", LEDGER)
    assert (end.status, end.error_message) == (RunStatus.FAILED, "why")
    assert await states(database) == {"a": "completed"}
