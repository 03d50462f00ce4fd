"""What ends an attempt from outside interrupts its threads, and writes what it has to, no more."""

import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import anyio
import anyio.to_thread
import pytest

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import QUICK, Request, attempts, in_state, taken, working
from tests.queue.conftest import attempts_of, count, states_of
from tests.support.options import LEDGER
from tests.support.runs import row, suggestions
from tests.support.scripted_profiler import Scripted, profiled, until, until_interrupted
from tests.support.waiting import until as wait_until
from worker.attempt import publish
from worker.attempt import shielded_write as uninterrupted_module
from worker.attempt.outcome import Abandoned, Ended, Outcome, TakenAway
from worker.attempt.shielded_write import uninterrupted
from worker.backend.suggestions.write import supersede
from worker.database.pool import Connection, Database
from worker.progress.stored_run_progress import StoredRunProgress
from worker.runs.cancel import cancel
from worker.spark import profiling_threads
from worker.spark.fatal import Fatal
from worker.spark.profiling_threads import ProfilingThreads

pytestmark = pytest.mark.anyio


async def test_an_operators_cancel_interrupts_and_ends_the_run_with_his_words(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b")
    profiler = Scripted(a=[profiled], b=[until_interrupted])
    done: list[Outcome] = []
    lease = await taken(database)
    async with working(attempts(profiler), lease, done):
        await in_state(database, run_id, {"a": "completed", "b": "profiling"})
        await cancel(database, QUICK, LEDGER, run_id, "Cancelled by ann: enough")
    assert done == [TakenAway("Cancelled by ann: enough")]
    run = await row(backend, run_id)
    assert (run["status"], run["error_message"]) == ("failed", "Cancelled by ann: enough")
    assert await states_of(database, run_id) == {"a": "completed", "b": "skipped"}
    assert profiler.interrupted
    assert {one["schema_name"] for one in await suggestions(backend, run_id)} == {"a"}


async def test_a_schema_object_that_vanishes_stops_its_own_table(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b")
    held = threading.Event()
    profiler = Scripted(a=[until(held)], b=[until_interrupted])
    done: list[Outcome] = []
    async with working(attempts(profiler), await taken(database), done):
        await in_state(database, run_id, {"a": "profiling", "b": "profiling"})
        async with backend.connection() as owner:
            await owner.execute("DELETE FROM data_contract_schema_objects WHERE name = 'b'")
        await in_state(database, run_id, {"a": "profiling", "b": "failed"})
        held.set()
    run = await row(backend, run_id)
    vanished = "b: the schema was deleted from the contract while it was profiled"
    assert (run["status"], vanished in run["error_message"]) == ("failed", True)
    assert {one["schema_name"] for one in await suggestions(backend, run_id)} == {"a"}


async def test_nothing_is_written_of_a_schema_object_that_vanished_before_the_next_heartbeat(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    held = threading.Event()
    profiler = Scripted(a=[until(held)])
    async with anyio.create_task_group() as tasks:
        lease = await taken(database)
        tasks.start_soon(attempts(profiler).work, lease)
        await in_state(database, run_id, {"a": "profiling"})
        async with backend.connection() as owner:
            await owner.execute("DELETE FROM data_contract_schema_objects")
        held.set()
    run = await row(backend, run_id)
    assert (run["status"], run["error_message"]) == (
        "failed",
        "Failed to profile 1 of 1 schema: a: "
        "the schema was deleted from the contract while it was profiled",
    )
    assert await suggestions(backend, run_id) == []


@pytest.mark.parametrize(
    "change",
    ["UPDATE data_profiling_runs SET status = 'cancelled'", "DELETE FROM data_contracts"],
)
async def test_what_somebody_decides_is_noticed_within_a_heartbeat_and_nothing_more_is_written(
    database: Database, backend: Backend, request_tables: Request, change: str
) -> None:
    run_id = await request_tables("a")
    done: list[Outcome] = []
    async with working(attempts(Scripted(a=[until_interrupted])), await taken(database), done):
        await in_state(database, run_id, {"a": "profiling"})
        async with backend.connection() as owner:
            await owner.execute(change)
            before = await owner.fetch("SELECT * FROM data_profiling_runs")
    assert isinstance(done[0], TakenAway)
    async with backend.connection() as owner:
        assert await owner.fetch("SELECT * FROM data_profiling_runs") == before
    assert await states_of(database, run_id) == {"a": "skipped"}
    assert await count(database, "leases") == 0


async def test_a_cancel_that_a_write_meets_first_ends_the_run_with_its_words(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    """No heartbeat has read it yet."""
    run_id = await request_tables("a")
    lease = await taken(database)
    await cancel(database, QUICK, LEDGER, run_id, "enough")
    outcome = await attempts(Scripted(a=[profiled])).work(lease)
    assert isinstance(outcome, TakenAway)
    run = await row(backend, run_id)
    assert (run["status"], run["error_message"]) == ("failed", "enough")
    assert await count(database, "leases") == 0


async def test_a_defect_while_a_cancelled_run_is_ended_costs_that_attempt_alone(
    database: Database, request_tables: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that leaves the attempt would end the worker, and every other run in it."""

    async def broken(*_: object) -> None:
        raise ValueError("a defect")

    run_id = await request_tables("a")
    lease = await taken(database)
    await cancel(database, QUICK, LEDGER, run_id, "enough")
    monkeypatch.setattr(StoredRunProgress, "foresee", broken)
    outcome = await attempts(Scripted(a=[profiled])).work(lease)
    assert isinstance(outcome, Abandoned)
    # The lease expires, and the rescue ends the run.
    assert await count(database, "leases") == 1


async def test_a_decision_that_a_write_meets_first_is_left_as_it_is(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    lease = await taken(database)
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'cancelled'")
    outcome = await attempts(Scripted(a=[profiled])).work(lease)
    assert isinstance(outcome, TakenAway)
    assert (await row(backend, run_id))["status"] == "cancelled"
    assert [one["outcome"] for one in await attempts_of(database, run_id)] == ["overruled"]
    assert await suggestions(backend, run_id) == []


async def test_what_people_decide_between_the_look_and_the_deletion_is_looked_at_again(
    database: Database,
    backend: Backend,
    request_tables: Request,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await request_tables("a")
    await attempts(Scripted(a=[profiled])).work(await taken(database))
    (before,) = await backend.suggestions()
    again = await backend.request("c", ["a"])

    async def too_late(transaction: Connection, ids: Sequence[str]) -> bool:
        if before["id"] in ids:
            async with backend.connection() as owner:
                await owner.execute("UPDATE suggested_quality_checks SET status = 'rejected'")
        return await supersede(transaction, ids)

    monkeypatch.setattr(publish, "supersede", too_late)
    await attempts(Scripted(a=[profiled])).work(await taken(database))
    assert (await row(backend, again))["status"] == "completed"
    assert [(one["id"], one["status"]) for one in await backend.suggestions()] == [
        (before["id"], "rejected")
    ]


async def test_a_drain_gives_the_run_back_and_the_attempt_does_not_count(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b")
    done: list[Outcome] = []
    profiler = Scripted(a=[profiled], b=[until_interrupted])
    async with working(attempts(profiler), await taken(database), done) as tasks:
        await in_state(database, run_id, {"a": "completed", "b": "profiling"})
        tasks.cancel_scope.cancel()
    assert (await row(backend, run_id))["status"] == "pending"
    (attempt,) = await attempts_of(database, run_id)
    assert (attempt["outcome"], attempt["counts"]) == ("given_back", False)
    assert await states_of(database, run_id) == {"a": "completed"}


async def test_a_drain_ends_the_run_of_a_job_for_its_launcher_decides_on_another_try(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b")
    done: list[Outcome] = []
    profiler = Scripted(a=[profiled], b=[until_interrupted])
    lease = replace(await taken(database), job=True)
    async with working(attempts(profiler), lease, done) as tasks:
        await in_state(database, run_id, {"a": "completed", "b": "profiling"})
        tasks.cancel_scope.cancel()
    assert (await row(backend, run_id))["status"] == "failed"
    assert await states_of(database, run_id) == {"a": "completed", "b": "skipped"}


async def test_an_end_that_is_being_written_is_written_though_the_worker_stops(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    done: list[Outcome] = []
    held = threading.Event()
    waiting = "pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with (
        backend.connection() as owner,
        working(attempts(Scripted(a=[until(held)])), await taken(database), done) as tasks,
    ):
        await in_state(database, run_id, {"a": "profiling"})
        transaction = owner.transaction()
        await transaction.start()
        # Lets the proof of a table's write pass, and holds off who writes the run's end.
        await owner.execute("SELECT FROM data_profiling_runs FOR SHARE")
        held.set()
        await in_state(database, run_id, {"a": "completed"})

        async def blocked() -> bool:
            return await count(database, waiting) > 0

        await wait_until(blocked, "its end waits for the lock", seconds=10)
        tasks.cancel_scope.cancel()
        await transaction.rollback()
    assert (await row(backend, run_id))["status"] == "completed"


async def test_a_last_write_that_is_cancelled_ends_after_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database that does not answer holds no process past its grace period."""
    monkeypatch.setattr(uninterrupted_module, "LAST_MOMENT", 0.2)
    begun = anyio.Event()

    async def never() -> None:
        begun.set()
        await anyio.sleep_forever()

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(uninterrupted, never)
            await begun.wait()
            tasks.cancel_scope.cancel()


async def test_a_last_write_that_is_not_cancelled_takes_as_long_as_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uninterrupted_module, "LAST_MOMENT", 0.0)
    with pytest.raises(ZeroDivisionError):
        await uninterrupted(partial(_after, anyio.sleep, ZeroDivisionError()))


async def _after(sleep: Callable[[float], Awaitable[None]], error: Exception) -> None:
    await sleep(0.05)
    raise error


async def test_a_table_that_passes_its_deadline_is_interrupted_and_fails_for_good(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b")
    profiler = Scripted(a=[profiled], b=[until_interrupted])
    limited = attempts(profiler, table_deadline=timedelta(seconds=1.5))
    outcome = await limited.work(await taken(database))
    assert isinstance(outcome, Ended)
    run = await row(backend, run_id)
    assert run["status"] == "failed"
    reported = "b: table b was not profiled within 1.5 s (DQX_WORKER_TABLE_DEADLINE)"
    assert reported in run["error_message"]
    assert profiler.calls.count("b") == 1
    assert await states_of(database, run_id) == {"a": "completed", "b": "failed"}


async def test_a_run_that_passes_its_deadline_ends_with_what_is_done(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b")
    limited = attempts(
        Scripted(a=[profiled], b=[until_interrupted]), run_deadline=timedelta(seconds=1)
    )
    outcome = await limited.work(await taken(database))
    assert isinstance(outcome, Ended)
    run = await row(backend, run_id)
    assert run["status"] == "failed"
    assert "b: the run was not done within 1 s (DQX_WORKER_RUN_DEADLINE)" in run["error_message"]
    assert await states_of(database, run_id) == {"a": "completed", "b": "skipped"}
    assert {one["schema_name"] for one in await suggestions(backend, run_id)} == {"a"}


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """What a thread that hears no interruption waits for; such threads count as stuck soon."""
    monkeypatch.setattr(profiling_threads, "_PATIENCE", 0.2)
    held = threading.Event()
    yield held
    # Or the end of the tests would wait for it.
    held.set()


async def test_a_thread_is_interrupted_until_it_is_back() -> None:
    """Work of many steps may begin the next one just after an interruption."""
    kept = ProfilingThreads(1, 0, Fatal())
    begun, interruptions = threading.Event(), threading.Semaphore(0)

    def work(stopped: threading.Event) -> None:
        begun.set()
        for _ in range(3):
            interruptions.acquire()

    async def run() -> None:
        await kept.run(work, interrupt=interruptions.release, tag="t")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        await anyio.to_thread.run_sync(begun.wait)
        tasks.cancel_scope.cancel()
    assert kept.stuck == 0


async def test_a_thread_that_does_not_come_back_is_left_behind_and_its_place_is_anothers(
    database: Database, backend: Backend, request_tables: Request, deaf: threading.Event
) -> None:
    run_id = await request_tables("a", "b")
    profiler = Scripted(at_once=1, stuck_limit=1, a=[until(deaf)], b=[profiled])
    limited = attempts(profiler, table_deadline=timedelta(seconds=1.5))
    outcome = await limited.work(await taken(database))
    assert isinstance(outcome, Ended)
    assert await states_of(database, run_id) == {"a": "failed", "b": "completed"}
    assert profiler.stuck == 1
    assert not profiler.fatal.happened.is_set()
    deaf.set()

    async def back() -> bool:
        return profiler.stuck == 0

    await wait_until(back, "the thread is back and not counted any more", seconds=10)


async def test_past_the_limit_of_stuck_threads_the_process_is_marked_as_broken(
    database: Database, request_tables: Request, deaf: threading.Event
) -> None:
    await request_tables("a", "b")
    profiler = Scripted(at_once=1, stuck_limit=1, a=[until(deaf)], b=[until(deaf)])
    limited = attempts(profiler, table_deadline=timedelta(milliseconds=500))
    assert isinstance(await limited.work(await taken(database)), Ended)
    assert profiler.stuck == 2
    assert profiler.fatal.happened.is_set()
