"""Few tables are in work at a time; the others wait without a sample, a clock or a deadline."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import Request, attempts, in_state, taken
from tests.support.options import queue_options
from tests.support.scripted_profiler import Act, Scripted, profiled, until, until_interrupted
from tests.support.waiting import until as wait_until
from worker.attempt.outcome import Ended
from worker.database.pool import Database
from worker.profiling.results import TableProfile
from worker.queue.claim import claim

pytestmark = pytest.mark.anyio


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Let tables go on; at the end of the test no thread waits."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def permits() -> Iterator[threading.Semaphore]:
    """Let one table each go on; at the end of the test no thread waits."""
    semaphore = threading.Semaphore(0)
    yield semaphore
    semaphore.release(100)


def with_one_of(permits: threading.Semaphore) -> Act:
    """A table that takes a permit before it goes on."""

    def act(stopped: threading.Event) -> TableProfile:
        permits.acquire()
        return profiled(stopped)

    return act


def after(seconds: float) -> Act:
    """A table that takes so long."""

    def act(stopped: threading.Event) -> TableProfile:
        time.sleep(seconds)
        return profiled(stopped)

    return act


async def test_a_table_that_waits_is_pending_and_holds_no_sample(
    database: Database, request_tables: Request, gate: threading.Event
) -> None:
    run_id = await request_tables("a", "b", "c")
    profiler = Scripted(at_once=2, a=[until(gate)], b=[until(gate)], c=[profiled])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(attempts(profiler).work, await taken(database))
        await in_state(database, run_id, {"a": "profiling", "b": "profiling", "c": "pending"})
        assert profiler.samples == 2
        gate.set()
    async with database.connection() as connection:
        waited = await connection.fetchval(
            "SELECT c.begun_at >= least(a.ended_at, b.ended_at)"
            " FROM table_progress a, table_progress b, table_progress c"
            " WHERE (a.schema_name, b.schema_name, c.schema_name) = ('a', 'b', 'c')"
        )
    assert waited
    assert profiler.samples == 0


async def test_healthy_tables_that_take_longer_together_than_a_deadline_all_complete(
    database: Database, request_tables: Request
) -> None:
    tables: dict[str, Any] = {name: [after(0.4)] for name in "abcd"}
    await request_tables(*tables)
    profiler = Scripted(at_once=1, **tables)
    outcome = await attempts(profiler, table_deadline=timedelta(seconds=1.2)).work(
        await taken(database)
    )
    assert isinstance(outcome, Ended)
    assert outcome.run_result.error_message is None


async def test_sixty_tables_progress_evenly(
    database: Database, request_tables: Request, permits: threading.Semaphore
) -> None:
    tables: dict[str, Any] = {f"t{number:02}": [with_one_of(permits)] for number in range(60)}
    run_id = await request_tables(*tables)
    profiler = Scripted(at_once=3, **tables)
    lease = await taken(database)

    async def status() -> dict[str, Any]:
        async with database.connection() as reader:
            return dict(await reader.fetchrow("SELECT * FROM run_status") or {})

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(attempts(profiler).work, lease)
        names = sorted(tables)
        for done in range(0, 60, 3):
            states = ["completed"] * done + ["profiling"] * 3 + ["pending"] * (57 - done)
            await in_state(database, run_id, dict(zip(names, states, strict=True)))
            seen = await status()
            assert (seen["run_id"], seen["tables_done"], seen["outcome"]) == (run_id, done, None)
            # Each of the three that are profiled has been sampled: 54 % of its work.
            assert seen["phase"] == "profiling"
            assert seen["percent"] == int((done + 3 * 0.54) * 100 / 60)
            assert profiler.samples == 3
            permits.release(3)
    seen = await status()
    assert (seen["phase"], seen["percent"]) == ("completed", 100)


async def test_the_phase_of_a_run_whose_tables_have_all_ended_is_ending(
    database: Database, request_tables: Request
) -> None:
    await request_tables("a", "b")
    lease = await taken(database)
    async with database.connection() as connection:
        for states, phase, percent in (
            ((), "pending", 0),
            (("pending", "pending"), "pending", 0),
            (("completed", "pending"), "profiling", 50),
            (("completed", "sampling"), "sampling", 50),
            (("profiling", "pending"), "profiling", 27),
            (("completed", "writing"), "writing", 97),
            (("completed", "failed"), "ending", 99),
        ):
            await connection.execute("DELETE FROM table_progress")
            await connection.execute(
                "INSERT INTO table_progress (run_id, schema_name, attempt, state)"
                " SELECT $1, state.place::text, 1, state.name"
                " FROM unnest($2::text[]) WITH ORDINALITY AS state (name, place)",
                lease.run.id,
                list(states),
            )
            row = await connection.fetchrow("SELECT phase, percent FROM run_status")
            assert tuple(row or ()) == (phase, percent)


async def test_a_run_of_one_table_does_not_wait_for_all_of_a_run_of_many(
    backend: Backend, database: Database, request_tables: Request, gate: threading.Event
) -> None:
    tables: dict[str, Any] = {f"t{number}": [profiled] for number in range(9)}
    tables["t0"] = [until(gate)]
    await request_tables(*tables)
    profiler = Scripted(at_once=1, **tables)
    many = await taken(database)
    await backend.request("c", ["t8"])
    (one,) = await claim(database, queue_options(), 1)
    shared = attempts(profiler)

    async def begun() -> bool:
        return profiler.calls == ["t0"]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(shared.work, many)
        await wait_until(begun, "the first run works on its first table")
        tasks.start_soon(shared.work, one)

        async def waits() -> bool:
            return profiler.places.statistics().tasks_waiting == 1

        await wait_until(waits, "the other run waits for a place")
        gate.set()
    assert profiler.calls.index("t8") <= 2


async def test_a_name_that_the_contract_lacks_fails_while_the_others_are_in_work(
    backend: Backend, database: Database, request_tables: Request, gate: threading.Event
) -> None:
    await request_tables("a", "b")
    async with backend.connection() as owner:
        await owner.execute("""UPDATE data_profiling_runs SET schema_names = '["a", "b", "x"]'""")
    profiler = Scripted(at_once=1, a=[until(gate)], b=[profiled])
    lease = await taken(database)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(attempts(profiler).work, lease)
        states = {"a": "profiling", "b": "pending", "x": "failed"}
        await in_state(database, lease.run.id, states)
        gate.set()


async def test_the_next_attempt_keeps_what_was_done(
    database: Database, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b", "c")
    profiler = Scripted(at_once=1, a=[profiled], b=[until_interrupted, profiled], c=[profiled])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(attempts(profiler).work, await taken(database))
        await in_state(database, run_id, {"a": "completed", "b": "profiling", "c": "pending"})
        tasks.cancel_scope.cancel()
    assert isinstance(await attempts(profiler).work(await taken(database)), Ended)
    assert profiler.calls == ["a", "b", "b", "c"]
