"""Every write proves the lease's token and that the run is still the attempt's."""

from typing import Any

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert
from tests.support.options import LEDGER, queue_options
from tests.support.waiting import until
from worker.database import pool
from worker.database.errors import DatabaseConflict, DatabaseUnavailable
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.claim import claim
from worker.queue.end_run import close_attempt
from worker.queue.finish_lease import close_overruled, finish, give_back
from worker.queue.lease import Lease, LeaseLost, RunOverruled
from worker.queue.run_result import RunResult, RunStatus

pytestmark = pytest.mark.anyio

DONE = RunResult(RunStatus.COMPLETED, '{"tables": {}}')


@pytest.fixture
async def lease(database: Database, insert: Insert) -> Lease:
    await insert("r", age=100)
    (claimed,) = await claim(database, queue_options(), 1)
    return claimed


async def _suggest(transaction: Connection) -> None:
    await transaction.execute(
        "INSERT INTO public.suggested_quality_checks"
        " (id, profile_run_id, contract_id, source, schema_name, status, type)"
        " VALUES ('s', 'r', 'c', 'dqx', 'orders', 'pending', 'custom')"
    )


async def test_a_write_of_the_current_token_is_kept(lease: Lease, backend: Backend) -> None:
    await lease.write(_suggest)
    assert len(await backend.suggestions()) == 1


async def test_a_write_that_meets_an_outage_is_made_when_it_is_over(
    lease: Lease, backend: Backend
) -> None:
    tries = 0

    async def suggest(transaction: Connection) -> None:
        nonlocal tries
        tries += 1
        await _suggest(transaction)
        if tries == 1:
            raise DatabaseUnavailable("the connection was lost")

    await lease.write(suggest)
    assert tries == 2
    assert len(await backend.suggestions()) == 1


async def test_an_end_that_meets_a_lock_is_written_when_the_row_is_free(
    lease: Lease, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_CONFLICT_TRIES", 1)
    tries = 0

    class Counting(StoredRunProgress):
        async def run_ended(self, transaction: Connection, run_id: str) -> None:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise DatabaseConflict("locked")

    await finish(lease, Counting(1_000), DONE)
    assert tries == 2
    assert (await backend.poll())[0]["status"] == "completed"


async def test_a_schema_is_watched_only_while_it_is_in_work(lease: Lease) -> None:
    with lease.watching("orders") as scope:
        assert lease.watched == {"orders": scope}
    with pytest.raises(ValueError, match="in work"), lease.watching("orders"):
        raise ValueError("in work")
    assert lease.watched == {}


async def test_a_dead_token_writes_nothing(lease: Lease, backend: Backend) -> None:
    async with lease.database.connection() as connection:
        await connection.execute("UPDATE leases SET token = gen_random_uuid()")
    with pytest.raises(LeaseLost):
        await lease.write(_suggest)
    with pytest.raises(LeaseLost):
        await finish(lease, LEDGER, DONE)
    with pytest.raises(LeaseLost):
        await give_back(lease, LEDGER, "test")
    assert await backend.suggestions() == []
    assert (await backend.poll())[0]["status"] == "running"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE data_profiling_runs SET status = 'cancelled'",
        "UPDATE data_profiling_runs SET status = 'pending'",
        "UPDATE data_profiling_runs SET run_id = '123'",
        "DELETE FROM data_profiling_runs",
    ],
)
async def test_a_run_that_somebody_decided_is_left_as_it_is(
    lease: Lease, backend: Backend, change: str
) -> None:
    async with backend.connection() as owner:
        await owner.execute(change)
        before = await owner.fetch("SELECT * FROM data_profiling_runs")
        with pytest.raises(RunOverruled):
            await lease.write(_suggest)
        with pytest.raises(RunOverruled):
            await finish(lease, LEDGER, DONE)
        with pytest.raises(RunOverruled):
            await give_back(lease, LEDGER, "test")
        assert await owner.fetch("SELECT * FROM data_profiling_runs") == before
    assert await backend.suggestions() == []
    await close_overruled(lease, LEDGER)
    async with lease.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM leases") == 0
        assert await connection.fetchval("SELECT outcome FROM attempts") == "overruled"


async def test_the_backends_update_waits_for_a_commit_that_has_proved_itself(
    lease: Lease, backend: Backend
) -> None:
    """Between the second proof and COMMIT nobody can cancel the run."""
    async with backend.connection() as owner, backend.connection() as watcher:
        cancelled = anyio.Event()

        async def cancel() -> None:
            await owner.execute("UPDATE data_profiling_runs SET status = 'cancelled'")
            cancelled.set()

        async def blocked() -> bool:
            return bool(
                await watcher.fetchval(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                )
            )

        async with anyio.create_task_group() as tasks:
            async with lease.database.transaction() as transaction:
                await lease.prove(transaction)
                await _suggest(transaction)
                assert await transaction.fetchval(load_sql("worker.queue", "prove_run"), "r", False)
                tasks.start_soon(cancel)
                await until(blocked, "the backend's UPDATE waits")
                assert not cancelled.is_set()
            await cancelled.wait()
    assert len(await backend.suggestions()) == 1
    assert (await backend.poll())[0]["status"] == "cancelled"


async def test_a_heartbeat_passes_a_transaction_that_has_proved_its_lease(lease: Lease) -> None:
    async with lease.database.transaction() as writing, lease.database.connection() as beating:
        await lease.prove(writing)
        assert await beating.execute("UPDATE leases SET expires_at = now()") == "UPDATE 1"


async def test_an_end_is_written_once_and_leaves_no_lease(lease: Lease, backend: Backend) -> None:
    requested = (await _run(backend))["started_at"]
    await finish(lease, LEDGER, DONE)
    first = await _run(backend)
    await finish(lease, LEDGER, DONE)
    assert await _run(backend) == first
    assert first["status"] == "completed"
    assert first["summary_stats"] == DONE.summary_stats
    assert first["started_at"] == requested
    assert first["completed_at"] > requested
    async with lease.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM leases") == 0
        assert await connection.fetchval("SELECT outcome FROM attempts") == "completed"


async def test_a_run_that_is_given_back_is_a_request_again_and_counts_no_attempt(
    lease: Lease, backend: Backend
) -> None:
    await give_back(lease, LEDGER, "the worker stopped")
    run = await _run(backend)
    assert (run["status"], run["completed_at"]) == ("pending", None)
    async with lease.database.connection() as connection:
        assert await connection.fetchval("SELECT counts FROM attempts") is False
    (again,) = await claim(lease.database, queue_options(), 1)
    assert (again.run.id, again.attempt) == ("r", 2)


async def _run(backend: Backend) -> dict[str, Any]:
    async with backend.connection() as owner:
        row = await owner.fetchrow("SELECT * FROM data_profiling_runs")
    assert row is not None
    return dict(row)


async def test_an_attempt_is_closed_once(lease: Lease) -> None:
    async def close(outcome: str) -> None:
        async with lease.database.transaction() as transaction:
            await close_attempt(
                transaction, "r", lease.attempt, outcome=outcome, reason=outcome, counts=True
            )

    await close("failed")
    await close("expired")
    async with lease.database.connection() as connection:
        assert await connection.fetchval("SELECT outcome FROM attempts") == "failed"
