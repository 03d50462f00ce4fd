"""What waits for a decision belongs to the newest run that a worker has ended.

The backend offers the suggestions of a contract's newest run and no others.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert as insert_row
from tests.queue.conftest import Insert, begin_tables, expire
from tests.support.options import LEDGER, queue_options
from tests.support.waiting import until
from worker.attempt.abandoned_run import end_early
from worker.database.pool import Connection, Database
from worker.maintenance.rescue import rescue
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.claim import claim
from worker.queue.finish_lease import close_overruled, finish, give_back
from worker.queue.lease import Lease, RunOverruled
from worker.queue.run_result import RunResult, RunStatus
from worker.runs.cancel import cancel

pytestmark = pytest.mark.anyio

DONE = RunResult(RunStatus.COMPLETED, '{"tables": {}}')
FAILED = RunResult(RunStatus.FAILED, "{}", "the contract has no schema orders")


async def suggested(backend: Backend, run: str, *ids: str, status: str = "pending") -> None:
    """Have a run suggest these, each of a schema of its own, which the contract has."""
    async with backend.connection() as owner:
        for one in ids:
            await insert_row(
                owner,
                "data_contract_schema_objects",
                id=f"object of {one}",
                contract_id="c",
                name=f"schema of {one}",
            )
            await insert_row(
                owner,
                "suggested_quality_checks",
                id=one,
                profile_run_id=run,
                contract_id="c",
                schema_name=f"schema of {one}",
                type="custom",
                status=status,
                rationale=f"why {one}",
            )


async def places(backend: Backend) -> dict[str, str]:
    """Return the run that each suggestion belongs to."""
    return {one["id"]: one["profile_run_id"] for one in await backend.suggestions()}


async def taken(database: Database, **options: object) -> Lease:
    (lease,) = await claim(database, queue_options(runs_per_contract=10, **options), 1)
    return lease


async def ended_before(database: Database, insert: Insert, run: str, age: float) -> None:
    await insert(run, age=age)
    await finish(await taken(database), LEDGER, DONE)


async def test_what_waits_of_a_table_that_a_later_run_does_not_profile_moves_to_it(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "first", 20)
    await suggested(backend, "first", "orders", "items")
    await suggested(backend, "first", "decided", status="accepted")
    await suggested(backend, "first", "refused", status="rejected")
    await insert("second", age=10)
    lease = await taken(database)
    await suggested(backend, "second", "new")
    await finish(lease, LEDGER, DONE)
    assert await places(backend) == {
        "orders": "second",
        "items": "second",
        "new": "second",
        "decided": "first",
        "refused": "first",
    }


async def test_nothing_but_the_run_of_a_suggestion_changes(
    database: Database, backend: Backend, insert: Insert
) -> None:
    async with backend.connection() as owner:
        # A column that only a newer backend has.
        await owner.execute(
            "ALTER TABLE suggested_quality_checks ADD COLUMN reviewers text[] DEFAULT '{ann,bob}',"
            " ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY"
        )
    await ended_before(database, insert, "first", 20)
    await suggested(backend, "first", "orders")
    (before,) = await backend.suggestions()
    await ended_before(database, insert, "second", 10)
    (after,) = await backend.suggestions()
    assert after == before | {"profile_run_id": "second"}


async def test_a_table_that_refuses_the_move_does_not_keep_the_run_from_ending(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "first", 20)
    await suggested(backend, "first", "orders")
    async with backend.connection() as owner:
        await owner.execute(
            "ALTER TABLE suggested_quality_checks"
            " ADD COLUMN words text GENERATED ALWAYS AS (lower(rule)) STORED"
        )
    await ended_before(database, insert, "second", 10)
    assert {one["id"]: one["status"] for one in await backend.poll()} == {
        "first": "completed",
        "second": "completed",
    }
    assert await places(backend) == {"orders": "first"}


REFERENCE = """
CREATE TABLE reviews (
    id varchar REFERENCES suggested_quality_checks (id) ON DELETE RESTRICT DEFERRABLE);
INSERT INTO reviews VALUES ('items');
"""
NOTHING = "SELECT 1"
IN_THE_WAY = {
    "a steward's transaction that hangs": (
        "SELECT FROM suggested_quality_checks WHERE id = 'items' FOR SHARE",
        NOTHING,
    ),
    "the deletion of the newer run": (
        "DELETE FROM data_profiling_runs WHERE id = 'third'",
        NOTHING,
    ),
    "another table that refers to a suggestion": (NOTHING, REFERENCE),
}


@pytest.mark.parametrize(("held", "done"), IN_THE_WAY.values(), ids=IN_THE_WAY)
async def test_what_is_in_the_way_of_the_move_does_not_keep_the_run_from_ending(
    database: Database, backend: Backend, insert: Insert, held: str, done: str
) -> None:
    await ended_before(database, insert, "first", 30)
    await insert("second", age=20)
    lease = await taken(database)
    await ended_before(database, insert, "third", 10)
    await suggested(backend, "second", "items")
    async with backend.connection() as owner:
        await owner.execute(done)
        async with owner.transaction():
            await owner.execute(held)
            with anyio.fail_after(10):
                await finish(lease, LEDGER, DONE)
    statuses = {one["id"]: one["status"] for one in await backend.poll()}
    assert statuses["second"] == "completed"
    assert await places(backend) == {"items": "second"}


async def test_what_waits_for_a_schema_that_is_gone_stays(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "first", 30)
    await suggested(backend, "first", "orders", "items")
    async with backend.connection() as owner:
        await owner.execute(
            "DELETE FROM data_contract_schema_objects WHERE name = 'schema of orders'"
        )
    await ended_before(database, insert, "second", 20)
    assert await places(backend) == {"orders": "first", "items": "second"}


async def test_a_newest_run_that_failed_has_what_waits(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "first", 20)
    await suggested(backend, "first", "orders")
    await insert("second", age=10)
    await finish(await taken(database), LEDGER, FAILED)
    assert await places(backend) == {"orders": "second"}


async def test_a_run_that_ends_early_has_what_waits(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "first", 20)
    await suggested(backend, "first", "orders")
    await insert("second", age=10)
    lease = await taken(database)
    await begin_tables(lease, orders="profiling")
    await end_early(lease, "out of time", LEDGER)
    assert await places(backend) == {"orders": "second"}


@pytest.mark.parametrize("held", [True, False], ids=["in work", "waiting"])
async def test_a_run_that_an_operator_cancelled_has_what_waits(
    database: Database, backend: Backend, insert: Insert, *, held: bool
) -> None:
    await ended_before(database, insert, "first", 20)
    await suggested(backend, "first", "orders")
    await insert("second", age=10)
    if held:
        await taken(database)
        await expire(database, "second")
    await cancel(database, queue_options(worker="operator"), LEDGER, "second", "Cancelled by test")
    assert await places(backend) == {"orders": "second"}


async def test_a_run_that_a_rescue_ended_has_what_waits(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "first", 20)
    await suggested(backend, "first", "orders")
    await insert("second", age=10)
    await taken(database)
    await expire(database, "second")
    # Leases that expire right after the start of the database are left alone for one lease.
    options = queue_options(worker="other", max_attempts=1, lease=timedelta(milliseconds=1))
    (rescued,) = await rescue(database, options, LEDGER)
    assert rescued.outcome == "failed"
    assert await places(backend) == {"orders": "second"}


async def test_a_run_that_the_backend_ended_is_not_written_to_and_the_next_one_has_all(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "first", 30)
    await suggested(backend, "first", "orders")
    await insert("second", age=20)
    lease = await taken(database)
    await suggested(backend, "second", "items")
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status='cancelled' WHERE id='second'")
    with pytest.raises(RunOverruled):
        await finish(lease, LEDGER, DONE)
    assert await places(backend) == {"orders": "first", "items": "second"}
    await ended_before(database, insert, "third", 10)
    assert await places(backend) == {"orders": "third", "items": "third"}


async def test_an_older_run_that_ends_later_gives_all_to_the_newer_one(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "first", 40)
    await suggested(backend, "first", "orders")
    await insert("second", age=30)
    older = await taken(database)
    await ended_before(database, insert, "third", 20)
    await suggested(backend, "second", "items")
    # Its end was never a worker's, so it is not written to.
    await insert("fourth", age=10, status="cancelled")
    await finish(older, LEDGER, DONE)
    assert await places(backend) == {"orders": "third", "items": "third"}


async def test_a_newer_run_that_has_not_ended_takes_over_itself(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("first", age=20)
    older = await taken(database)
    await insert("second", age=10)
    newer = await taken(database)
    await suggested(backend, "first", "orders")
    await suggested(backend, "second", "items")
    await finish(older, LEDGER, DONE)
    assert await places(backend) == {"orders": "first", "items": "second"}
    await finish(newer, LEDGER, DONE)
    assert await places(backend) == {"orders": "second", "items": "second"}


@pytest.mark.parametrize("change", ["it is a request again", "the backend ended it"])
async def test_how_a_newer_run_stands_now_decides_and_not_how_it_stood_once(
    database: Database, backend: Backend, insert: Insert, change: str
) -> None:
    await insert("first", age=20)
    older = await taken(database)
    await ended_before(database, insert, "second", 10)
    await suggested(backend, "first", "orders")
    async with backend.connection() as owner:
        set_status = "UPDATE data_profiling_runs SET status = $1 WHERE id = 'second'"
        await owner.execute(set_status, "pending")
        if change == "the backend ended it":
            newer = await taken(database)
            await owner.execute(set_status, "failed")
            await close_overruled(newer, LEDGER)
    await finish(older, LEDGER, DONE)
    assert await places(backend) == {"orders": "first"}


async def test_of_the_attempts_at_a_newer_run_the_last_one_counts(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("first", age=20)
    older = await taken(database)
    await insert("second", age=10)
    await give_back(await taken(database), LEDGER, "drained")
    await finish(await taken(database), LEDGER, DONE)
    await suggested(backend, "first", "orders")
    await finish(older, LEDGER, DONE)
    assert await places(backend) == {"orders": "second"}


async def test_runs_of_other_contracts_and_of_other_sources_keep_theirs(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await ended_before(database, insert, "other", 30)
    await insert("llm", age=20, source="llm", status="completed")
    await suggested(backend, "other", "of another contract")
    await suggested(backend, "llm", "of another source")
    async with backend.connection() as owner:
        await insert_row(owner, "data_contracts", id="d", name="d")
        await owner.execute("UPDATE data_profiling_runs SET contract_id = 'd' WHERE id = 'other'")
        await owner.execute(
            "UPDATE data_contract_schema_objects SET contract_id = 'd'"
            " WHERE name = 'schema of of another contract'"
        )
        await owner.execute(
            "UPDATE suggested_quality_checks SET contract_id = 'd' WHERE profile_run_id = 'other'"
        )
    await ended_before(database, insert, "last", 10)
    assert await places(backend) == {"of another contract": "other", "of another source": "llm"}


@dataclass(frozen=True, slots=True)
class Held(StoredRunProgress):
    """Holds an end when all of it is written, before it is committed."""

    written: anyio.Event = field(default_factory=anyio.Event)
    go: anyio.Event = field(default_factory=anyio.Event)

    async def run_ended(self, transaction: Connection, run_id: str) -> None:
        await StoredRunProgress.run_ended(self, transaction, run_id)
        self.written.set()
        await self.go.wait()


@pytest.mark.parametrize("first", ["older", "newer"])
async def test_two_runs_whose_ends_cross_lose_nothing(
    database: Database, backend: Backend, insert: Insert, first: str
) -> None:
    await ended_before(database, insert, "before", 30)
    await suggested(backend, "before", "orders")
    await insert("older", age=20)
    leases = {"older": await taken(database)}
    await insert("newer", age=10)
    leases["newer"] = await taken(database)
    await suggested(backend, "older", "items")
    held = Held(summary_limit=1000)

    async def waits_for_a_lock() -> bool:
        async with backend.connection() as owner:
            return bool(
                await owner.fetchval(
                    "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                    " WHERE NOT l.granted AND a.datname = current_database()"
                )
            )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(finish, leases.pop(first), held, DONE)
        await held.written.wait()
        ((_, second),) = leases.items()
        tasks.start_soon(finish, second, LEDGER, DONE)
        await until(waits_for_a_lock, "the second end waits for the first")
        held.go.set()
    assert await places(backend) == {"orders": "newer", "items": "newer"}
