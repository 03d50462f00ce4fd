"""Requests are claimed oldest first, each by one worker, and nothing else is claimed."""

from datetime import timedelta

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert as insert_row
from tests.queue.conftest import Insert, count
from tests.support.options import LEDGER, database_options, password_of, queue_options
from worker.database.pool import Database
from worker.queue.claim import claim, claimable_requests, unknown_leases
from worker.queue.finish_lease import give_back
from worker.queue.lease import Lease
from worker.runs.errors import UnknownContract
from worker.runs.requests import enqueue

pytestmark = pytest.mark.anyio


async def test_eight_connections_at_once_claim_each_request_once(
    database: Database, backend: Backend, insert: Insert
) -> None:
    runs = [await insert(f"r{number:03}") for number in range(200)]
    options = database_options(backend.worker, pool_size=1)
    claimed: list[Lease] = []

    async def one() -> None:
        async with Database.open(options, password_of(backend.worker)) as own:
            while leases := await claim(own, queue_options(), 3):
                claimed.extend(leases)

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(one)
    assert sorted(lease.run.id for lease in claimed) == runs
    assert len({lease.token for lease in claimed}) == len(runs)
    assert await count(database, "leases") == len(runs)
    assert await count(database, "attempts WHERE number = 1") == len(runs)
    assert await count(database, "public.data_profiling_runs WHERE status = 'running'") == len(runs)


async def test_the_oldest_come_first_and_no_more_than_there_are_slots(
    database: Database, insert: Insert
) -> None:
    for run, age in (("young", 1), ("old", 30), ("older", 60), ("oldest", 90)):
        await insert(run, age=age)
    leases = await claim(database, queue_options(), 3)
    assert [lease.run.id for lease in leases] == ["oldest", "older", "old"]
    assert leases[0].attempt == 1
    # No worker has seen it before.
    assert leases[0].run.age == timedelta(0)


async def test_what_is_not_a_request_is_not_claimed(database: Database, insert: Insert) -> None:
    await insert("other source", source="llm")
    await insert("launched as a job", job="123")
    await insert("done", status="completed")
    await insert("running elsewhere", status="running")
    assert not await claimable_requests(database)
    assert await claim(database, queue_options(), 10) == []
    # A lease on it would keep its own job from claiming it.
    assert (await count(database, "leases"), await count(database, "attempts")) == (0, 0)


async def test_a_request_for_a_contract_that_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(UnknownContract, match="nowhere"):
        await enqueue(database, contract_id="nowhere", schema_names=["a"], triggered_by="test")


async def test_a_request_whose_back_off_is_not_over_waits(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    (lease,) = await claim(database, queue_options(), 1)
    await give_back(lease, LEDGER, "test")
    async with database.connection() as connection:
        await connection.execute("UPDATE attempts SET not_before = now() + interval '1 hour'")
    assert await claim(database, queue_options(), 1) == []
    async with database.connection() as connection:
        await connection.execute("UPDATE attempts SET not_before = now() - interval '1 second'")
    (again,) = await claim(database, queue_options(), 1)
    assert again.attempt == 2


async def test_a_live_lease_keeps_a_run_that_was_reset_from_being_claimed(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    await claim(database, queue_options(), 1)
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'pending'")
    assert await claim(database, queue_options(), 1) == []
    # Nor is it counted as a try.
    assert await count(database, "attempts") == 1


async def test_a_claim_skips_rows_that_somebody_holds(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("held", age=10)
    await insert("free")
    async with backend.connection() as owner, owner.transaction():
        await owner.execute("SELECT FROM data_profiling_runs WHERE id = 'held' FOR UPDATE")
        leases = await claim(database, queue_options(), 10)
    assert [lease.run.id for lease in leases] == ["free"]


async def test_of_one_contract_a_worker_has_so_many_runs_and_passes_over_the_others(
    database: Database, backend: Backend, insert: Insert
) -> None:
    async with backend.connection() as owner:
        await insert_row(owner, "data_contracts", id="d", name="d")
        for number in range(6):
            await insert(f"c{number}", age=100 - number)
        await insert("d0", age=1)
        await owner.execute("UPDATE data_profiling_runs SET contract_id = 'd' WHERE id = 'd0'")

    async def claimed(slots: int, worker: str) -> list[str]:
        options = queue_options(worker=worker, runs_per_contract=2)
        return [lease.run.id for lease in await claim(database, options, slots)]

    # What a claim may not take it leaves to the next look, which passes over that contract.
    assert await claimed(5, "one") == ["c0", "c1"]
    assert await claimed(3, "one") == ["d0"]
    assert await claimed(2, "one") == []
    # The limit is for each worker.
    assert await claimed(1, "two") == ["c2"]
    assert await claimed(4, "two") == ["c3"]


async def test_a_claim_whose_answer_got_lost_is_found_again(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    options = queue_options(worker="unsure")
    (lost,) = await claim(database, options, 1)
    assert await unknown_leases(database, options, [lost.token]) == []
    assert await unknown_leases(database, queue_options(), []) == []
    (found,) = await unknown_leases(database, options, [])
    assert (found.run.id, found.attempt, found.token) == ("r", 1, lost.token)
