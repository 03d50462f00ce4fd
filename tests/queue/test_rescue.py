"""What a worker that died has left is taken over, once, and nothing is that lives."""

import json
from datetime import timedelta
from typing import Any

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, attempts_of, begin_tables, count, expire, states_of, take
from tests.support.options import LEDGER, database_options, password_of, queue_options
from tests.support.runs import row
from tests.support.waiting import until
from worker.database.pool import Database, open_connection
from worker.maintenance.rescue import Rescued, rescue
from worker.queue.claim import DueLastTry, claim, claim_last_try, due_last_try
from worker.queue.claim_run import claim_run
from worker.queue.finish_lease import finish, give_back, postpone
from worker.queue.lease import Lease, LeaseLost
from worker.queue.options import QueueOptions
from worker.queue.rescue_run import rescue_run
from worker.queue.run_result import RunResult, RunStatus
from worker.telemetry.run_fields import run_fields

pytestmark = pytest.mark.anyio

DONE = RunResult(RunStatus.COMPLETED, "{}")


def options(**changes: Any) -> QueueOptions:
    # Nothing is taken over within a lease of the database's start, and that was just now.
    return queue_options(**({"lease": timedelta(microseconds=1)} | changes))


async def taken(database: Database, **changes: Any) -> Lease:
    async with database.connection() as connection:
        await connection.execute("UPDATE attempts SET not_before = NULL")
    return await take(database, queue_options(**changes))


async def rescued(database: Database, **changes: Any) -> Rescued:
    (one,) = await rescue(database, options(**changes), LEDGER)
    return one


async def test_a_run_whose_lease_expired_is_a_request_again_with_the_reason(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    lease = await taken(database, worker="dead")
    await expire(database)
    one = await rescued(database)
    assert (one.run_id, one.worker, one.outcome) == ("r", "dead", "pending")
    assert one.log_fields == lease.log_fields == run_fields("r", "c", 1)
    assert one.reason.startswith("worker dead was not heard of for ")
    assert (await row(backend, "r"))["status"] == "pending"
    (attempt,) = await attempts_of(database)
    assert (attempt["outcome"], attempt["counts"], attempt["wait"]) == ("expired", True, None)
    assert attempt["reason"] == one.reason
    assert await count(database, "leases") == 0
    with pytest.raises(LeaseLost):
        await finish(lease, LEDGER, DONE)
    (again,) = await claim(database, queue_options(), 1)
    assert (again.attempt, again.tries) == (2, 2)


async def test_a_lease_that_lives_or_was_renewed_meanwhile_is_nobodys_to_take(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await taken(database)
    assert await rescue(database, options(), LEDGER) == []
    await expire(database)
    async with database.transaction() as beat:
        # The heartbeat of its worker is renewing it.
        await beat.execute("UPDATE leases SET expires_at = now() + interval '1 minute'")
        assert await rescue(database, options(), LEDGER) == []
    assert await rescue(database, options(), LEDGER) == []
    assert await count(database, "leases") == 1


async def test_a_lease_that_was_renewed_after_it_was_listed_is_not_taken(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await taken(database)
    # As where its heartbeat came between the list and the look.
    assert await rescue_run(database, "r", options(), LEDGER) is None
    assert await count(database, "leases") == 1


async def test_a_lease_that_is_written_under_is_not_taken(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    lease = await taken(database)
    await expire(database)
    async with database.transaction() as writing:
        await lease.prove(writing)
        assert await rescue(database, options(), LEDGER) == []
    assert (await rescued(database)).outcome == "pending"


async def test_who_is_frozen_in_a_transaction_holds_its_lease_only_for_so_long(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    lease = await taken(database)
    soon = timedelta(milliseconds=300)
    frozen = database_options(backend.worker, idle_in_transaction_timeout=soon)
    async with open_connection(frozen, password_of(backend.worker)) as connection:
        await connection.execute("BEGIN")
        await lease.prove(connection)
        await expire(database)
        assert await rescue(database, options(), LEDGER) == []
        took: list[Rescued] = []

        async def taken_over() -> bool:
            took.extend(await rescue(database, options(), LEDGER))
            return bool(took)

        await until(taken_over, "the server ends the transaction", seconds=20)
        assert took[0].outcome == "pending"


async def test_an_expired_lease_is_taken_by_one_worker(
    database: Database, backend: Backend, insert: Insert
) -> None:
    runs = {await insert(f"r{number:02}") for number in range(30)}
    assert len(await claim(database, queue_options(), len(runs))) == len(runs)
    for run in runs:
        await expire(database, run)
    found: list[str] = []

    async def one() -> None:
        own = database_options(backend.worker, pool_size=1)
        async with Database.open(own, password_of(backend.worker)) as opened:
            found.extend(one.run_id for one in await rescue(opened, options(), LEDGER))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(one)
    assert sorted(found) == sorted(runs)
    assert await count(database, "attempts WHERE outcome = 'expired'") == len(runs)


async def test_a_run_that_kills_its_worker_every_time_ends_with_all_reasons(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    for worker in ("first", "second"):
        await taken(database, worker=worker)
        await expire(database)
        assert (await rescued(database)).outcome == "pending"
    await begin_tables(await taken(database, worker="third"), a="completed", b="profiling")
    await expire(database)
    assert (await rescued(database)).outcome == "failed"
    run = await row(backend, "r")
    assert run["status"] == "failed"
    assert run["completed_at"] is not None
    assert run["error_message"].startswith("Given up after 3 tries (DQX_WORKER_MAX_ATTEMPTS): ")
    for number, worker in enumerate(("first", "second", "third"), start=1):
        assert f"attempt {number}: worker {worker} was not heard of" in run["error_message"]
    # What was done of it stays.
    summary = json.loads(run["summary_stats"])
    assert summary["tables"]["a"] == {"physical_name": "main.a"}
    assert await states_of(database) == {"a": "completed", "b": "skipped"}
    assert await claim(database, queue_options(), 1) == []
    assert [one["outcome"] for one in await attempts_of(database)] == [
        "expired",
        "expired",
        "failed",
    ]


async def test_a_run_of_which_every_table_was_done_is_completed(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    await begin_tables(await taken(database, max_attempts=1), a="completed", b="completed")
    await expire(database)
    assert (await rescued(database, max_attempts=1)).outcome == "completed"
    assert (await row(backend, "r"))["status"] == "completed"


async def test_the_first_time_there_is_no_back_off_then_one_that_doubles(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    waits = []
    for _ in range(4):
        await taken(database)
        await expire(database)
        await rescued(database, max_attempts=9, back_off=timedelta(seconds=30))
        waits.append((await attempts_of(database))[-1]["wait"])
    assert waits[0] is None
    assert waits[1:] == pytest.approx([30, 60, 120], abs=0.1)


async def test_after_a_run_has_ended_its_tries_begin_anew(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    await taken(database)
    await expire(database)
    await rescued(database)
    await finish(await taken(database), LEDGER, DONE)
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'pending'")
    again = await taken(database)
    assert (again.attempt, again.tries) == (3, 1)


async def test_only_the_tries_since_then_are_reported_as_reasons(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    for worker in ("before", "now"):
        for _ in range(2):
            await taken(database, worker=worker)
            await expire(database)
            await rescued(database, max_attempts=2)
        message = (await row(backend, "r"))["error_message"]
        assert message.count(f"worker {worker} was not heard of") == 2
        async with backend.connection() as owner:
            await owner.execute("UPDATE data_profiling_runs SET status = 'pending'")
    assert "before" not in message


async def test_only_attempts_that_count_are_tries(database: Database, insert: Insert) -> None:
    await insert("r")
    await give_back(await taken(database), LEDGER, "drained")
    lease = await taken(database)
    assert (lease.attempt, lease.tries) == (2, 1)
    await postpone(lease, LEDGER, "throttled", timedelta(0))
    assert (await taken(database)).tries == 2


async def test_a_lease_that_ended_in_an_outage_of_the_database_costs_no_try(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r")
    await taken(database)
    await expire(database)
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE leases SET renewed_at = pg_postmaster_start_time() - interval '1 second'"
        )
    assert (await rescued(database, max_attempts=1)).outcome == "pending"
    (attempt,) = await attempts_of(database)
    assert (attempt["counts"], attempt["wait"]) == (False, None)
    assert (await taken(database)).tries == 1


async def test_nobody_takes_anything_over_within_a_lease_of_the_databases_start(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    await taken(database)
    await expire(database)
    assert await rescue(database, options(lease=timedelta(days=1)), LEDGER) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE data_profiling_runs SET status = 'cancelled'",
        "UPDATE data_profiling_runs SET status = 'completed', summary_stats = 'theirs'",
        "UPDATE data_profiling_runs SET status = 'pending'",
        "UPDATE data_profiling_runs SET run_id = '123'",
        "DELETE FROM data_profiling_runs",
        "DELETE FROM data_contracts",
    ],
)
async def test_a_run_that_somebody_decided_is_closed_as_overruled_and_left(
    database: Database, backend: Backend, insert: Insert, change: str
) -> None:
    await insert("r")
    await begin_tables(await taken(database), a="completed", b="writing")
    await expire(database)
    async with backend.connection() as owner:
        await owner.execute(change)
        before = await owner.fetch("SELECT * FROM data_profiling_runs")
        assert (await rescued(database)).outcome == "overruled"
        assert await owner.fetch("SELECT * FROM data_profiling_runs") == before
    (attempt,) = await attempts_of(database)
    assert (attempt["outcome"], attempt["counts"]) == ("overruled", False)
    assert await count(database, "leases") == 0
    assert await states_of(database) == {"a": "completed", "b": "skipped"}


async def test_the_run_of_a_job_ends_failed_whatever_its_run_id(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r", status="running", job="77")
    await claim_run(
        database,
        queue_options(worker="job"),
        run_id="r",
        contract_id="c",
        schema_names="[]",
        patience=timedelta(0),
    )
    await expire(database)
    assert (await rescued(database)).outcome == "failed"
    run = await row(backend, "r")
    assert run["status"] == "failed"
    assert run["error_message"].startswith("worker job was not heard of")


async def test_what_is_not_done_is_forgotten_and_what_is_done_is_kept(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    lease = await taken(database)
    await begin_tables(lease, a="completed", b="profiling", c="failed")
    await expire(database)
    await rescued(database)
    assert await states_of(database) == {"a": "completed", "c": "failed"}


async def test_a_run_that_somebody_has_locked_is_left_for_the_next_time(
    database: Database, backend: Backend, insert: Insert
) -> None:
    for run in ("held", "free"):
        await insert(run)
        await taken(database)
        await expire(database, run)
    async with backend.connection() as owner, owner.transaction():
        await owner.execute("SELECT FROM data_profiling_runs WHERE id = 'held' FOR UPDATE")
        assert (await rescued(database)).run_id == "free"
    assert (await rescued(database)).run_id == "held"


@pytest.fixture
async def suspect(database: Database, insert: Insert) -> str:
    """A request that has cost a worker; its next try is its last."""
    await insert("suspect", age=40)
    await taken(database)
    await expire(database, "suspect")
    await rescued(database, max_attempts=2)
    return "suspect"


async def due(database: Database) -> str | None:
    """Return the id of a run whose last try is due."""
    found = await due_last_try(database)
    return None if found is None else found.id


async def test_the_last_try_of_a_run_that_has_cost_a_worker_has_a_process_of_its_own(
    database: Database, insert: Insert, suspect: str
) -> None:
    await insert("young", age=30)
    assert await due_last_try(database) == DueLastTry(suspect, "c", None, 2)
    # Other claims pass it over and wait for nothing.
    (young,) = await claim(database, queue_options(worker="busy"), 5)
    assert young.run.id == "young"
    assert await due(database) == suspect
    lease = await claim_last_try(database, queue_options(worker="child"), suspect)
    assert lease is not None
    assert (lease.run.id, lease.run.contract_id, lease.attempt, lease.tries) == (suspect, "c", 2, 2)
    # It is taken once.
    assert await due_last_try(database) is None
    assert await claim_last_try(database, queue_options(), suspect) is None
    await finish(lease, LEDGER, DONE)


async def test_a_last_try_is_not_due_before_its_back_off_is_over(
    database: Database, suspect: str
) -> None:
    async with database.connection() as connection:
        await connection.execute("UPDATE attempts SET not_before = now() + interval '1 hour'")
    assert await due_last_try(database) is None
    assert await claim_last_try(database, queue_options(), suspect) is None


async def test_a_last_try_that_is_given_back_is_still_one(database: Database, suspect: str) -> None:
    lease = await claim_last_try(database, queue_options(), suspect)
    assert lease is not None
    await give_back(lease, LEDGER, "test")
    assert await claim(database, queue_options(), 5) == []
    assert await due(database) == suspect
    again = await claim_last_try(database, queue_options(), suspect)
    assert again is not None
    assert (again.attempt, again.tries) == (3, 2)


async def test_workers_that_look_at_the_same_time_may_make_different_last_tries(
    database: Database, insert: Insert, suspect: str
) -> None:
    await insert("other")
    await claim(database, queue_options(), 1)
    await expire(database, "other")
    await rescued(database, max_attempts=2)
    found = {await due(database) for _ in range(50)}
    assert found == {suspect, "other"}


async def test_a_process_for_a_last_try_takes_nothing_else(
    database: Database, backend: Backend, insert: Insert, suspect: str
) -> None:
    await insert("ordinary")
    (lease,) = await claim(database, queue_options(), 1)
    await give_back(lease, LEDGER, "test")
    assert await claim_last_try(database, queue_options(), "ordinary") is None
    async with backend.connection() as owner:
        async with owner.transaction():
            await owner.execute("SELECT FROM data_profiling_runs FOR UPDATE")
            assert await claim_last_try(database, queue_options(), suspect) is None
        for change in ("run_id = '77'", "source = 'llm'", "status = 'failed'"):
            await owner.execute(
                "UPDATE data_profiling_runs SET run_id = NULL, source = 'dqx', status = 'pending'"
            )
            await owner.execute(f"UPDATE data_profiling_runs SET {change}")
            assert await due_last_try(database) is None
            assert await claim_last_try(database, queue_options(), suspect) is None
