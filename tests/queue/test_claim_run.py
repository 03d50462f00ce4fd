"""A job takes its own run, waits for nobody's lock, and takes nothing that lives."""

from datetime import timedelta

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert
from tests.support.options import LEDGER, queue_options
from worker.database.pool import Database
from worker.queue.claim import claim
from worker.queue.claim_run import claim_run
from worker.queue.errors import RunEnded, RunUnclaimable
from worker.queue.finish_lease import finish
from worker.queue.lease import Lease, LeaseLost
from worker.queue.run_result import RunResult, RunStatus

pytestmark = pytest.mark.anyio


async def taken(
    database: Database,
    run: str,
    *,
    patience: float = 0,
    worker: str | None = None,
    contract: str = "c",
) -> Lease:
    """Claim a run as a job does, each time as another process unless `worker` names it."""
    name = {"worker": worker} if worker else {}
    return await claim_run(
        database,
        queue_options(lease=timedelta(seconds=3), slots=0, **name),
        run_id=run,
        contract_id=contract,
        schema_names='["t"]',
        patience=timedelta(seconds=patience),
    )


async def expire(database: Database, run: str) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE leases SET expires_at = clock_timestamp() - interval '1 s' WHERE run_id = $1",
            run,
        )


async def outcomes(database: Database) -> list[str | None]:
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT outcome FROM attempts ORDER BY run_id, number")
    return [row["outcome"] for row in rows]


@pytest.mark.parametrize(
    ("status", "job"), [("pending", None), ("pending", "7"), ("running", None), ("running", "7")]
)
async def test_a_run_is_taken_pending_or_running_and_whatever_its_run_id(
    database: Database, insert: Insert, status: str, job: str | None
) -> None:
    await insert("r", status=status, job=job)
    lease = await taken(database, "r")
    assert (lease.attempt, lease.job, lease.run.schema_names) == (1, True, '["t"]')
    await lease.write(lambda transaction: transaction.execute("SELECT 1"))
    await finish(lease, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
    assert await outcomes(database) == ["completed"]


async def test_what_a_launcher_has_marked_as_its_own_is_never_a_workers(
    database: Database, insert: Insert
) -> None:
    await insert("r", status="running")
    await insert("s", status="running", job="7")
    await insert("t", status="pending", job="7")
    assert await claim(database, queue_options(), 10) == []


async def test_what_can_never_be_the_jobs_is_refused_without_a_wait(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await insert("s", source="llm")
    await insert("t", status="completed")
    with pytest.raises(RunUnclaimable, match="Run r belongs to contract c, not to other"):
        await taken(database, "r", patience=300, contract="other")
    with pytest.raises(RunUnclaimable, match="Run s is of source llm, not dqx"):
        await taken(database, "s", patience=300)
    with pytest.raises(RunEnded, match="Run t has ended already: completed"):
        await taken(database, "t", patience=300)
    with pytest.raises(RunUnclaimable, match="There is no run u"):
        await taken(database, "u", patience=300)
    assert await outcomes(database) == []


async def test_of_many_jobs_for_one_run_one_gets_it(database: Database, insert: Insert) -> None:
    await insert("r")
    won: list[Lease] = []
    lost: list[str] = []

    async def try_it() -> None:
        try:
            won.append(await taken(database, "r"))
        except RunUnclaimable as error:
            lost.append(str(error))

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(try_it)
    assert (len(won), len(lost)) == (1, 7)
    assert await outcomes(database) == [None]


async def test_a_job_whose_claim_was_not_answered_finds_its_own_lease(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    lost = await taken(database, "r", worker="me")
    found = await taken(database, "r", worker="me")
    assert (found.token, found.attempt, found.run) == (lost.token, lost.attempt, found.run)
    await finish(found, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
    assert await outcomes(database) == ["completed"]


async def test_a_job_and_workers_never_have_one_run_together(
    database: Database, insert: Insert
) -> None:
    for number in range(20):
        run = await insert(f"r{number}", age=100 - number)
        holders: list[Lease] = []

        async def job(run: str = run, holders: list[Lease] = holders) -> None:
            try:
                holders.append(await taken(database, run))
            except RunUnclaimable:
                return

        async def worker(holders: list[Lease] = holders) -> None:
            holders.extend(await claim(database, queue_options(), 1))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(job)
            tasks.start_soon(worker)
        assert len(holders) == 1


async def test_a_lease_that_lives_is_waited_for_and_then_left_alone(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    (lease,) = await claim(database, queue_options(worker="another"), 1)
    with pytest.raises(RunUnclaimable, match=r"is being worked on by another, also after 0\.2 s"):
        await taken(database, "r", patience=0.2)
    await finish(lease, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
    assert await outcomes(database) == ["completed"]


async def test_a_run_that_ends_during_the_wait_ends_it(database: Database, insert: Insert) -> None:
    await insert("r")
    (lease,) = await claim(database, queue_options(), 1)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(finish, lease, LEDGER, RunResult(RunStatus.FAILED, "{}", "why"))
        with pytest.raises(RunEnded, match=r"already: failed \(why\)") as caught:
            await taken(database, "r", patience=30)
    assert caught.value.status == "failed"


async def test_an_expired_lease_is_taken_over_and_its_holder_writes_nothing_more(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    (dead,) = await claim(database, queue_options(), 1)
    await expire(database, "r")
    lease = await taken(database, "r")
    assert lease.attempt == 2
    with pytest.raises(LeaseLost):
        await finish(dead, LEDGER, RunResult(RunStatus.COMPLETED, "{}"))
    assert await outcomes(database) == ["expired", None]


async def test_an_expired_lease_that_is_written_under_is_not_taken(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    (slow,) = await claim(database, queue_options(), 1)
    await expire(database, "r")
    async with database.transaction() as transaction:
        await slow.prove(transaction)
        with pytest.raises(RunUnclaimable):
            await taken(database, "r")
    assert await outcomes(database) == [None]
    assert (await taken(database, "r")).attempt == 2


async def test_a_run_that_another_claim_is_just_taking_is_in_the_way(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    async with database.transaction() as transaction:
        await transaction.execute(
            "INSERT INTO attempts (run_id, number, worker) VALUES ('r', 1, 'another')"
        )
        with pytest.raises(RunUnclaimable, match="is being worked on by somebody else"):
            await taken(database, "r")


async def test_a_take_over_that_does_not_get_the_run_is_undone(
    database: Database, backend: Backend, insert: Insert
) -> None:
    """While the backend writes the row: a run without any lease would be nobody's."""
    await insert("r")
    (dead,) = await claim(database, queue_options(), 1)
    await expire(database, "r")
    async with backend.connection() as owner, owner.transaction():
        await owner.execute("UPDATE data_profiling_runs SET run_id = '7' WHERE id = 'r'")
        with pytest.raises(RunUnclaimable):
            await taken(database, "r")
    assert await outcomes(database) == [None]
    assert (await taken(database, "r")).attempt == dead.attempt + 1
