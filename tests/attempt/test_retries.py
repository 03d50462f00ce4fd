"""An error's type decides: what can pass is tried again, what can't fails its table at once."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import attempts, taken
from tests.queue.conftest import attempts_of, states_of
from tests.support.runs import row, suggestions
from tests.support.scripted_profiler import Scripted, profiled, raises
from worker.attempt import work_on_table as table_module
from worker.attempt.outcome import Ended, Postponed
from worker.attempt.work_on_table import tag_of
from worker.database.pool import Database
from worker.queue.run_result import RunStatus
from worker.tables.errors import TableError, TableUnavailable

pytestmark = pytest.mark.anyio

Request = Callable[..., Awaitable[str]]
PASSING = raises(TableUnavailable("table b can't be read now: throttled"))
FAULTY = raises(TableError("table b was not found"))


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "_RETRY_PAUSE", 0.0)


async def test_what_can_pass_is_tried_once_more_in_the_attempt(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("b")
    profiler = Scripted(b=[PASSING, profiled])
    outcome = await attempts(profiler).work(await taken(database))
    assert isinstance(outcome, Ended)
    assert outcome.run_result.status is RunStatus.COMPLETED
    assert profiler.calls == ["b", "b"]
    assert len(await suggestions(backend, run_id)) == 1


async def test_what_cannot_pass_fails_its_table_at_once_and_no_other(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b", "c")
    profiler = Scripted(a=[profiled], b=[FAULTY], c=[raises(ZeroDivisionError("ours"))])
    await attempts(profiler).work(await taken(database))
    assert sorted(profiler.calls) == ["a", "b", "c"]
    run = await row(backend, run_id)
    assert run["status"] == "failed"
    assert "b: table b was not found" in run["error_message"]
    assert "c: the worker met an error of its own (ZeroDivisionError)" in run["error_message"]
    assert {one["schema_name"] for one in await suggestions(backend, run_id)} == {"a"}


async def test_checks_that_can_not_be_tried_are_suggested_without_evidence(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    profiler = Scripted(a=[profiled])
    profiler.trials = TableError("Spark can't apply a check")
    await attempts(profiler).work(await taken(database))
    (one,) = await suggestions(backend, run_id)
    assert one["rationale"] == "Rests on all 10 rows of the table; it was tried on none."


async def test_a_trial_that_can_pass_is_made_again_with_its_table(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    profiler = Scripted(a=[profiled])
    profiler.trials = TableUnavailable("a can't be read now: throttled")
    assert isinstance(await attempts(profiler).work(await taken(database)), Postponed)
    assert profiler.calls == ["a", "a"]
    assert await suggestions(backend, run_id) == []


async def test_then_the_run_waits_with_only_its_unfinished_tables(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b", "c")
    profiler = Scripted(a=[profiled], b=[PASSING], c=[FAULTY])
    working = attempts(profiler)
    for wait in (None, 30, None):
        outcome = await working.work(await taken(database))
        (*_, attempt) = await attempts_of(database, run_id)
        if attempt["number"] < 3:
            assert outcome == Postponed("b: table b can't be read now: throttled")
            assert (attempt["outcome"], attempt["counts"]) == ("postponed", True)
            assert attempt["wait"] == (wait and pytest.approx(wait, abs=0.1))
            assert (await row(backend, run_id))["status"] == "pending"
            assert await states_of(database, run_id) == {"a": "completed", "c": "failed"}
    # Twice in each of three attempts; the others were done with the first.
    assert profiler.calls.count("b") == 6
    assert (profiler.calls.count("a"), profiler.calls.count("c")) == (1, 1)
    # The last try: what might have passed has not.
    run = await row(backend, run_id)
    assert run["status"] == "failed"
    assert run["error_message"].startswith("Failed to profile 2 of 3 schemas: ")
    assert "b: table b can't be read now: throttled" in run["error_message"]
    assert json.loads(run["summary_stats"])["tables"]["a"]["physical_name"] == "a"
    assert len(await suggestions(backend, run_id)) == 1


async def test_an_attempt_first_interrupts_what_the_one_before_it_may_still_do(
    database: Database, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b")
    profiler = Scripted(a=[PASSING, PASSING, profiled], b=[profiled])
    working = attempts(profiler)
    await working.work(await taken(database))
    assert profiler.interrupted == []
    await working.work(await taken(database))
    assert profiler.interrupted == [f"dqx-worker {run_id} 1 a", f"dqx-worker {run_id} 1 b"]


async def test_a_tag_is_one_whatever_the_schema_is_called() -> None:
    """Spark takes a comma for the end of a tag."""
    assert tag_of("r", 1, "orders, old") == "dqx-worker r 1 orders  old"


async def test_the_run_of_a_job_is_not_postponed_but_fails(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("b")
    lease = replace(await taken(database), job=True)
    outcome = await attempts(Scripted(b=[PASSING])).work(lease)
    assert isinstance(outcome, Ended)
    assert (await row(backend, run_id))["status"] == "failed"
