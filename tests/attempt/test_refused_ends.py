"""A run whose end Postgres refuses ends smaller, or is stuck by name: it does not hang."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import QUICK, Request, attempts, taken, working
from tests.queue.conftest import attempts_of, count, states_of
from tests.support.options import LEDGER
from tests.support.runs import row
from tests.support.scripted_profiler import Scripted, profiled, raises, until_interrupted
from tests.support.waiting import until
from worker.attempt.outcome import Ended, Outcome, Stuck, TakenAway
from worker.database.errors import DatabaseError
from worker.database.pool import Connection, Database
from worker.database.savepoint import savepoint
from worker.queue import end_run as end_module
from worker.runs.adopt import adopt, unheld_runs
from worker.runs.cancel import cancel
from worker.tables.errors import TableUnavailable

pytestmark = pytest.mark.anyio

LOST = raises(TableUnavailable("the connection was lost"))
RUNS = "data_profiling_runs"
RAISES = f"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not today: %', OLD.id; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON {RUNS} FOR EACH ROW
    WHEN (NEW.status IS DISTINCT FROM 'running') EXECUTE FUNCTION refuse();
"""


async def alter(backend: Backend, statement: str) -> None:
    async with backend.connection() as owner:
        await owner.execute(statement)


@pytest.mark.parametrize(
    ("refusal", "reported"),
    [
        (
            f"ALTER TABLE {RUNS} ADD CONSTRAINT known CHECK (status <> 'completed')",
            f"check_violation (table public.{RUNS}, constraint known)",
        ),
        (
            f"ALTER TABLE {RUNS} ALTER COLUMN summary_stats TYPE varchar(60)",
            "string_data_right_truncation",
        ),
        (
            RAISES.replace("IS DISTINCT FROM 'running'", "= 'completed'"),
            "raise_exception",
        ),
    ],
    ids=["a check", "a column that became shorter", "a trigger that raises"],
)
async def test_a_run_whose_end_postgres_refuses_ends_failed_with_the_condition(
    database: Database, backend: Backend, request_tables: Request, refusal: str, reported: str
) -> None:
    run_id = await request_tables("a")
    lease = await taken(database)
    await alter(backend, refusal)
    outcome = await attempts(Scripted(a=[profiled])).work(lease)
    assert isinstance(outcome, Ended)
    run = await row(backend, run_id)
    assert run["status"] == "failed"
    assert run["error_message"].startswith("The run could not be ended as it should (completed). ")
    assert f"Postgres reports {reported}" in run["error_message"]
    assert await count(database, "leases") == 0
    (attempt,) = await attempts_of(database, run_id)
    assert (attempt["outcome"], attempt["reason"]) == ("failed", run["error_message"])


async def test_where_no_message_fits_the_status_alone_is_written(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    lease = await taken(database)
    await alter(backend, f"ALTER TABLE {RUNS} ALTER COLUMN error_message TYPE varchar(20)")
    await alter(backend, f"ALTER TABLE {RUNS} ALTER COLUMN summary_stats TYPE varchar(20)")
    await attempts(Scripted(a=[profiled])).work(lease)
    run = await row(backend, run_id)
    assert (run["status"], run["error_message"], run["summary_stats"]) == ("failed", None, None)
    assert run["completed_at"] is not None


async def test_characters_that_postgres_refuses_are_escaped_and_the_run_completes(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    """As where the database's encoding lacks them."""
    run_id = await request_tables("straße")
    lease = await taken(database)
    ascii_only = r"CHECK (summary_stats ~ '^[\x01-\x7f]*$')"
    await alter(backend, f"ALTER TABLE {RUNS} ADD CONSTRAINT plain {ascii_only}")
    await attempts(Scripted(straße=[profiled])).work(lease)
    run = await row(backend, run_id)
    assert run["status"] == "completed"
    assert r"stra\u00dfe" in run["summary_stats"]


async def test_a_run_whose_every_end_is_refused_is_stuck_by_name_until_it_is_adopted(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    lease = await taken(database)
    await alter(backend, RAISES)
    with capture_logs() as logged:
        outcome = await attempts(Scripted(a=[profiled]), end_patience=timedelta(seconds=1.5)).work(
            lease
        )
    assert isinstance(outcome, Stuck)
    reported = [line["event"] for line in logged if line["event"].startswith("run.")]
    assert reported[-3:] == ["run.end_refused", "run.end_refused", "run.stuck"]
    assert await count(database, "leases") == 0
    (attempt,) = await attempts_of(database, run_id)
    assert attempt["outcome"] == "stuck"
    assert "raise_exception" in attempt["reason"]
    assert "not today" not in attempt["reason"]
    assert (await row(backend, run_id))["status"] == "running"
    (unheld,) = await unheld_runs(database)
    assert unheld.log_fields == lease.log_fields
    assert unheld.stuck == attempt["reason"]
    # What is done is kept for the one who adopts it.
    assert await states_of(database, run_id) == {"a": "completed"}
    await alter(backend, f"DROP TRIGGER refuse ON {RUNS}")
    assert (await adopt(database, QUICK, LEDGER, run_id, "adopted by ann")).outcome == "pending"
    assert isinstance(await attempts(Scripted()).work(await taken(database)), Ended)
    assert (await row(backend, run_id))["status"] == "completed"


async def test_an_end_that_a_trigger_suppresses_is_not_taken_for_anothers_decision(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    lease = await taken(database)
    await alter(backend, RAISES.replace("RAISE EXCEPTION 'not today: %', OLD.id", "RETURN NULL"))
    outcome = await attempts(Scripted(a=[profiled]), end_patience=timedelta(seconds=1)).work(lease)
    assert isinstance(outcome, Stuck)
    (attempt,) = await attempts_of(database, run_id)
    assert attempt["outcome"] == "stuck"
    assert "Postgres changed nothing" in attempt["reason"]
    (unheld,) = await unheld_runs(database)
    assert unheld.log_fields == lease.log_fields
    assert unheld.stuck == attempt["reason"]


@pytest.mark.parametrize("code", ["40001", "08001", "57P03", "42501"])
async def test_a_trigger_that_raises_the_error_of_an_outage_is_no_outage(
    database: Database, backend: Backend, request_tables: Request, code: str
) -> None:
    """An audit trigger may write to another database, for example."""
    run_id = await request_tables("a")
    lease = await taken(database)
    await alter(backend, RAISES.replace("OLD.id;", f"OLD.id USING ERRCODE = '{code}';"))
    impatient = attempts(Scripted(a=[profiled]), end_patience=timedelta(seconds=0.1))
    assert isinstance(await impatient.work(lease), Stuck)
    (attempt,) = await attempts_of(database, run_id)
    assert attempt["outcome"] == "stuck"


async def test_an_end_that_is_refused_for_a_while_is_written_as_soon_as_it_is_taken(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    lease = await taken(database)
    await alter(backend, RAISES)
    done: list[Outcome] = []
    patient = attempts(Scripted(a=[profiled]), end_patience=timedelta(seconds=30))
    with capture_logs() as logged:
        async with working(patient, lease, done):

            async def refused() -> bool:
                return any(line["event"] == "run.end_refused" for line in logged)

            await until(refused, "the end is refused", seconds=10)
            await alter(backend, f"DROP TRIGGER refuse ON {RUNS}")
    assert isinstance(done[0], Ended)
    assert (await row(backend, run_id))["status"] == "completed"


async def test_a_cancel_whose_status_is_refused_ends_failed_with_the_words(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    await alter(backend, f"ALTER TABLE {RUNS} ADD CHECK (status <> 'cancelled')")
    done: list[Outcome] = []
    working_on = attempts(Scripted(a=[until_interrupted]), cancelled_status="cancelled")
    async with working(working_on, await taken(database), done):
        await cancel(database, QUICK, LEDGER, run_id, "Cancelled by ann: enough")
    assert isinstance(done[0], TakenAway)
    run = await row(backend, run_id)
    assert run["status"] == "failed"
    assert "Cancelled by ann: enough" in run["error_message"]


async def test_a_run_that_can_not_be_made_a_request_again_ends_failed(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    lease = await taken(database)
    await alter(backend, RAISES.replace("IS DISTINCT FROM 'running'", "= 'pending'"))
    outcome = await attempts(Scripted(a=[LOST, LOST])).work(lease)
    assert isinstance(outcome, Ended)
    run = await row(backend, run_id)
    assert (run["status"], "raise_exception" in run["error_message"]) == ("failed", True)
    assert await states_of(database, run_id) == {"a": "skipped"}


async def test_while_an_end_is_refused_the_run_may_still_be_given_back(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    """The worker stops between two tries."""
    run_id = await request_tables("a")
    lease = await taken(database)
    every_end = "IN ('completed', 'failed')"
    await alter(backend, RAISES.replace("IS DISTINCT FROM 'running'", every_end))
    patient = attempts(Scripted(a=[profiled]), end_patience=timedelta(minutes=1))
    with capture_logs() as logged:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(patient.work, lease)

            async def refused() -> bool:
                return any(line["event"] == "run.end_refused" for line in logged)

            await until(refused, "the end is refused", seconds=10)
            tasks.cancel_scope.cancel()
    assert (await row(backend, run_id))["status"] == "pending"
    (attempt,) = await attempts_of(database, run_id)
    assert (attempt["outcome"], attempt["counts"]) == ("given_back", False)


async def test_no_rule_of_the_backend_changes_between_two_ends_that_are_tried(
    database: Database,
    backend: Backend,
    request_tables: Request,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a run would end failed although its whole end is accepted by now."""
    run_id = await request_tables("a")
    lease = await taken(database)
    await alter(backend, RAISES.replace("IS DISTINCT FROM 'running'", "= 'completed'"))
    kept_out: list[bool] = []

    @asynccontextmanager
    async def watched(transaction: Connection, doing: str) -> AsyncIterator[None]:
        try:
            async with savepoint(transaction, doing):
                yield
        except DatabaseError:
            async with backend.connection() as owner:
                await owner.execute("SET lock_timeout = '50ms'")
                with pytest.raises(asyncpg.LockNotAvailableError):
                    await owner.execute(f"DROP TRIGGER refuse ON {RUNS}")
            kept_out.append(True)
            raise

    monkeypatch.setattr(end_module, "savepoint", watched)
    await attempts(Scripted(a=[profiled])).work(lease)
    assert kept_out
    assert (await row(backend, run_id))["status"] == "failed"
