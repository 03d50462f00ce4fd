"""A run's row and the log name what Postgres refuses, without values, and stay short."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import attempts, taken
from tests.queue.conftest import attempts_of
from tests.support.runs import row
from tests.support.scripted_profiler import Scripted, profiled, raises
from worker.attempt import work_on_run as run_module
from worker.attempt import work_on_table as table_module
from worker.attempt.outcome import Postponed
from worker.database.pool import Database
from worker.tables.errors import TableError, TableUnavailable
from worker.telemetry.text import CAUSE_LIMIT, MESSAGE_LIMIT

pytestmark = pytest.mark.anyio

Request = Callable[..., Awaitable[str]]

NOT_NULL = (
    "A transaction failed: Postgres reports not_null_violation "
    "(table public.suggested_quality_checks, column {})"
)
NEW_COLUMN = "ALTER TABLE suggested_quality_checks ADD COLUMN approved_by varchar NOT NULL"
EMPTYING = """
CREATE FUNCTION empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN new.status := NULL; RETURN new; END $$;
CREATE TRIGGER empty BEFORE INSERT ON suggested_quality_checks
FOR EACH ROW EXECUTE FUNCTION empty();
"""
REFUSING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE 'the rule % is refused', new.rule USING TABLE = TG_TABLE_NAME; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON suggested_quality_checks
FOR EACH ROW EXECUTE FUNCTION refuse();
"""
HUGE = "x" * 1_000_000


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "_RETRY_PAUSE", 0.0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (NEW_COLUMN, NOT_NULL.format("approved_by")),
        (EMPTYING, NOT_NULL.format("status")),
        (
            REFUSING,
            "A transaction failed: Postgres reports raise_exception "
            "(table suggested_quality_checks)",
        ),
    ],
    ids=["new column", "no status", "trigger"],
)
async def test_a_table_whose_suggestions_postgres_refuses_is_reported_by_the_condition(
    database: Database, backend: Backend, request_tables: Request, change: str, expected: str
) -> None:
    run_id = await request_tables("a", "b")
    async with backend.connection() as owner:
        await owner.execute(change)
    profiler = Scripted(a=[profiled], b=[raises(TableError("table b was not found"))])
    with capture_logs() as logged:
        await attempts(profiler).work(await taken(database))
    run = await row(backend, run_id)
    assert run["error_message"] == (
        f"Failed to profile 2 of 2 schemas: a: {expected}; b: table b was not found"
    )
    reported = {line["error"] for line in logged if line["event"] == "table.failed"}
    assert reported == {expected, "table b was not found"}
    errors = json.loads(run["summary_stats"])["errors"]
    assert [one["error"] for one in errors] == [expected, "table b was not found"]


async def test_a_run_whose_contract_can_not_be_read_is_reported_by_the_condition(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a")
    async with backend.connection() as owner:
        await owner.execute(
            "ALTER TABLE data_contract_schema_objects RENAME COLUMN physical_name TO other"
        )
    with capture_logs() as logged:
        await attempts(Scripted(a=[profiled])).work(await taken(database))
    run = await row(backend, run_id)
    assert run["error_message"].startswith("A statement failed: Postgres reports undefined_column")
    assert run["error_message"] in [line.get("error") for line in logged]


async def test_a_defect_is_one_line_of_the_log_with_where_it_arose(
    database: Database,
    backend: Backend,
    request_tables: Request,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(run_module, "plan", breaks)
    run_id = await request_tables("a")
    with capture_logs() as logged:
        await attempts(Scripted(a=[profiled])).work(await taken(database))
    (failed,) = [line for line in logged if line["event"] == "run.failed"]
    assert failed["log_level"] == "error"
    assert isinstance(failed["exc_info"], ZeroDivisionError)
    assert failed["error"] == (await row(backend, run_id))["error_message"]
    assert failed["seconds"] >= 0


async def test_the_cause_of_one_table_hides_no_other_and_no_text_grows_without_end(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b", "c")
    profiler = Scripted(
        a=[raises(TableError(HUGE))], b=[raises(TableError("not there"))], c=[profiled]
    )
    await attempts(profiler).work(await taken(database))
    run = await row(backend, run_id)
    cut = "x" * (CAUSE_LIMIT - 1) + "…"
    assert run["error_message"] == f"Failed to profile 2 of 3 schemas: a: {cut}; b: not there"
    assert len(run["summary_stats"]) < MESSAGE_LIMIT
    (attempt,) = await attempts_of(database, run_id)
    assert attempt["reason"] == run["error_message"]
    async with database.connection() as connection:
        longest = await connection.fetchval("SELECT max(length(error)) FROM table_progress")
    assert longest == CAUSE_LIMIT


async def test_many_long_causes_share_the_message(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    names = [f"t{number}" for number in range(22)]
    run_id = await request_tables(*names)
    failing: dict[str, Any] = {name: [raises(TableError(HUGE))] for name in names}
    await attempts(Scripted(at_once=2, **failing)).work(await taken(database))
    message = (await row(backend, run_id))["error_message"]
    assert len(message) <= MESSAGE_LIMIT
    # In the order of their names.
    assert [name for name in sorted(names)[:20] if f"{name}: xxx" not in message] == []
    assert message.count("x…; ") == 20
    assert message.endswith("; and 2 more (see summary_stats)")


async def test_why_a_run_waits_is_bounded_too(
    database: Database, backend: Backend, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b")
    passing: dict[str, Any] = {name: [raises(TableUnavailable(HUGE))] for name in ("a", "b")}
    outcome = await attempts(Scripted(**passing)).work(await taken(database))
    assert isinstance(outcome, Postponed)
    cut = "x" * (CAUSE_LIMIT - 1) + "…"
    (attempt,) = await attempts_of(database, run_id)
    assert attempt["reason"] == outcome.reason == f"a: {cut}; b: {cut}"


async def test_a_name_that_no_index_takes_costs_its_own_table(
    backend: Backend, database: Database, request_tables: Request
) -> None:
    run_id = await request_tables("a", "ö" * 5_000)

    await attempts(Scripted(a=[profiled])).work(await taken(database))

    run = await row(backend, run_id)
    summary = json.loads(run["summary_stats"])
    (long,) = summary["tables"].keys() - {"a"}
    said = "the schema's name has more than 600 characters: shorten it"
    assert long.startswith("ö" * 100 + "… (5,000 characters, ")
    assert run["error_message"] == f"Failed to profile 1 of 2 schemas: {long}: {said}"
    assert summary["errors"] == [{"schema": long, "table": None, "error": said}]
    assert summary["total_suggestions"] == len(await backend.suggestions()) == 1
