"""A run that ends early tells of its own tables alone, whatever earlier attempts have left."""

import json
from collections.abc import Awaitable, Callable, Sequence

import pytest

from tests.queue.conftest import Insert
from tests.support.options import LEDGER, queue_options
from worker.attempt import progress
from worker.attempt.end_early import end_early
from worker.database.pool import Connection, Database
from worker.queue.claim import claim
from worker.queue.finish import finish, give_back
from worker.queue.lease import Lease
from worker.queue.verdict import RunStatus, Verdict

pytestmark = pytest.mark.anyio

LIMIT = 1_000_000


async def begun(database: Database, names: Sequence[str], *, done: Sequence[str]) -> Lease:
    """Claim the run and begin its tables, of which some are done."""
    (lease,) = await claim(database, queue_options(), 1)
    await lease.write(lambda tx: progress.begin(tx, "r", lease.attempt, names))
    for name in done:
        await lease.write(done_with(name))
    return lease


def done_with(name: str) -> Callable[[Connection], Awaitable[None]]:
    return lambda tx: progress.complete(
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
    assert json.loads(end.summary_stats)["total_suggestions"] == 2
    assert await states(database) == {"a": "completed", "b": "skipped"}


async def test_a_run_whose_tables_are_all_done_is_completed(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    end = await end_early(await begun(database, ["a"], done=["a"]), "why", LEDGER)
    assert end.status is RunStatus.COMPLETED


async def test_an_earlier_end_is_never_taken_for_this_one(
    database: Database, insert: Insert
) -> None:
    """Somebody set a completed run back, and this attempt did not come as far as its tables."""
    await insert("r")
    first = await begun(database, ["a"], done=["a"])
    await finish(first, LEDGER, Verdict(RunStatus.COMPLETED, "{}"))
    async with database.connection() as connection:
        await connection.execute("UPDATE data_profiling_runs SET status = 'pending'")
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
