"""The worker's own tables stay small, and nothing that may still be needed is dropped."""

from datetime import timedelta

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, begin_tables, count
from tests.support.options import LEDGER, queue_options
from worker.backend.suggestions.decisions import lock_schema
from worker.database.pool import Database
from worker.maintenance.prune import prune_page
from worker.queue.claim import claim
from worker.queue.finish_lease import finish, give_back
from worker.queue.options import Retention
from worker.queue.run_result import RunResult, RunStatus

pytestmark = pytest.mark.anyio

MONTH = Retention(keep_runs=timedelta(days=30), keep_workers=timedelta(days=7))
DONE = RunResult(RunStatus.COMPLETED, "{}")
LOCKS = "SELECT contract_id FROM schema_locks"


async def ended(database: Database, run: str, *, days: int) -> None:
    (lease,) = await claim(database, queue_options(), 1)
    assert lease.run.id == run
    await begin_tables(lease, a="completed")
    await finish(lease, LEDGER, DONE)
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE attempts SET ended_at = now() - make_interval(days => $2) WHERE run_id = $1",
            run,
            days,
        )


async def kept(database: Database) -> set[str]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT run_id FROM attempts UNION SELECT run_id FROM table_progress"
        )
    return {row["run_id"] for row in rows}


async def test_what_ended_long_ago_is_dropped_and_the_rest_is_kept(
    database: Database, insert: Insert
) -> None:
    await insert("old")
    await ended(database, "old", days=31)
    await insert("young")
    await ended(database, "young", days=29)
    pruned = await prune_page(database, MONTH)
    assert (pruned.runs, pruned.after) == (1, None)
    assert await kept(database) == {"young"}
    # The backend's rows stay as they are.
    assert await count(database, "public.data_profiling_runs WHERE status = 'completed'") == 2


async def test_what_is_waiting_in_work_or_leased_is_kept_however_old(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("waiting")
    (lease,) = await claim(database, queue_options(), 1)
    await give_back(lease, LEDGER, "drained")
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET started_at = now()")
    await insert("working", age=1)
    (working,) = await claim(database, queue_options(), 1)
    await begin_tables(working, a="profiling")
    await insert("leased", age=2)
    (leased,) = await claim(database, queue_options(), 1)
    await begin_tables(leased, a="profiling")
    async with backend.connection() as owner:
        await owner.execute(
            "UPDATE data_profiling_runs SET status = 'cancelled' WHERE id = 'leased'"
        )
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE attempts SET begun_at = now() - interval '1 year',"
            " ended_at = CASE WHEN ended_at IS NOT NULL THEN now() - interval '1 year' END"
        )
    assert (await prune_page(database, MONTH)).runs == 0
    assert await kept(database) == {"waiting", "working", "leased"}


async def test_what_belongs_to_runs_that_are_gone_is_dropped_at_once(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("gone")
    await ended(database, "gone", days=0)
    await insert("leased")
    await claim(database, queue_options(), 1)
    async with backend.connection() as owner:
        await owner.execute("DELETE FROM data_contracts")
    assert (await prune_page(database, MONTH)).runs == 1
    assert await kept(database) == {"leased"}


async def test_the_locks_of_contracts_without_a_run_are_dropped(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    async with database.transaction() as transaction:
        await lock_schema(transaction, "c", "a name that no index takes " * 1000)
        await lock_schema(transaction, "gone", "orders")
    await prune_page(database, MONTH)
    async with database.connection() as connection:
        assert [row["contract_id"] for row in await connection.fetch(LOCKS)] == ["c"]


async def test_a_piece_is_bounded_and_the_next_goes_on_after_it(
    database: Database, backend: Backend
) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO attempts (run_id, number, worker, ended_at, outcome)"
            " SELECT to_char(n, 'FM00000'), a, 'w', now(), 'failed'"
            " FROM generate_series(1, 1100) n, generate_series(1, 2) a"
        )
    first = await prune_page(database, MONTH)
    assert (first.runs, first.after) == (500, "00500")
    second = await prune_page(database, MONTH, first.after)
    third = await prune_page(database, MONTH, second.after)
    assert (second.runs, third.runs, third.after) == (500, 100, None)
    assert await kept(database) == set()


async def test_what_is_kept_is_looked_at_once_in_a_round(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    async with backend.connection() as owner:
        await owner.execute(
            "INSERT INTO data_profiling_runs (id, contract_id, source, status)"
            " SELECT to_char(n, 'FM00000'), 'c', 'dqx', 'failed' FROM generate_series(1, 600) n"
        )
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO attempts (run_id, number, worker, ended_at, outcome)"
            " SELECT to_char(n, 'FM00000'), 1, 'w', now(), 'failed' FROM generate_series(1, 600) n"
        )
    first = await prune_page(database, MONTH)
    second = await prune_page(database, MONTH, first.after)
    assert [(one.runs, one.after) for one in (first, second)] == [(0, "00500"), (0, None)]


async def test_a_run_that_is_just_being_set_back_is_kept(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    await ended(database, "r", days=31)
    async with backend.connection() as owner, owner.transaction():
        await owner.execute("UPDATE data_profiling_runs SET status = 'pending'")
        assert (await prune_page(database, MONTH)).runs == 0
    assert await kept(database) == {"r"}


async def test_workers_that_are_gone_are_dropped_unless_they_have_a_lease(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await claim(database, queue_options(worker="with a lease"), 1)
    async with database.connection() as connection:
        for name, days in (("gone", 8), ("with a lease", 8), ("here", 6)):
            await connection.execute(
                "INSERT INTO workers (id, version, engine, slots, last_seen)"
                " VALUES ($1, '1', 'local', 0, now() - make_interval(days => $2))",
                name,
                days,
            )
    assert (await prune_page(database, MONTH)).workers == 1
    assert await count(database, "workers WHERE id IN ('with a lease', 'here')") == 2
