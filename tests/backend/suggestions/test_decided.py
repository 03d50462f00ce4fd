"""What a person has decided stays: each statement that deletes or replaces a suggestion proves it.

Postgres cannot prove it for the worker. Its role must write `status`, which has no default, and a
policy would alter the backend's table. So each of these statements has a case here.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import asyncpg
import pytest

import worker
from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert as insert_row
from tests.support.waiting import until
from tests.unit.suggestions.rows import NOT_NULL, rows_of
from worker.backend.suggestions.gather import gather_waiting
from worker.backend.suggestions.write import supersede, withdraw_values, write_suggestions
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql

pytestmark = pytest.mark.anyio

SUGGESTION = "suggestion"

WRITES = re.compile(
    r"\b(?:DELETE\s+FROM|UPDATE|INSERT\s+INTO|MERGE\s+INTO|TRUNCATE|COPY)\s+(?:TABLE\s+|ONLY\s+)*"
    r"\S*suggested_quality_checks\b",
    re.IGNORECASE,
)
ODD = ("Accepted", "REJECTED", "Pending", "PENDING", "pending ", " pending", "deferred", "")


async def supersede_it(transaction: Connection) -> None:
    await supersede(transaction, [SUGGESTION])


async def withdraw_it(transaction: Connection) -> None:
    evidence = f'[{{"suggestion_id": "{SUGGESTION}", "facts": {{"examples": ["x"]}}}}]'
    write_evidence = load_sql("worker.backend.suggestions", "write_evidence")
    await transaction.execute(write_evidence, "earlier", evidence)
    await withdraw_values(transaction, [SUGGESTION])


async def move_it(transaction: Connection) -> None:
    await gather_waiting(transaction, "newest")


async def insert_it_again(transaction: Connection) -> None:
    (row,) = rows_of(NOT_NULL)
    await write_suggestions(
        transaction,
        run_id="newest",
        contract_id="c",
        schema_name="orders",
        rows=[replace(row, id=SUGGESTION)],
    )


async def insert_it_with_a_confidence(transaction: Connection) -> None:
    (row,) = rows_of(NOT_NULL)
    await write_suggestions(
        transaction,
        run_id="newest",
        contract_id="c",
        schema_name="orders",
        rows=[replace(row, id=SUGGESTION, confidence_score="0.97")],
    )


async def delete_it_as_doctor_does(transaction: Connection) -> None:
    await transaction.execute(load_sql("worker.doctor.steps", "delete_suggestion"), SUGGESTION)


@dataclass(frozen=True, slots=True)
class Case:
    """A statement that writes suggestions, executed for one of them."""

    execute: Callable[[Connection], Awaitable[None]]
    spares_pending: bool = False
    """Whether it leaves also what awaits a decision."""


CASES: Mapping[str, Case] = {
    "backend/suggestions/sql/supersede.sql": Case(supersede_it),
    "backend/suggestions/sql/withdraw_values.sql": Case(withdraw_it),
    "backend/suggestions/sql/move_waiting.sql": Case(move_it),
    "backend/suggestions/sql/insert.sql": Case(insert_it_again, spares_pending=True),
    "backend/suggestions/sql/insert_judged.sql": Case(
        insert_it_with_a_confidence, spares_pending=True
    ),
    "doctor/steps/sql/delete_suggestion.sql": Case(delete_it_as_doctor_does),
}
each_statement = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


def test_each_statement_that_writes_suggestions_has_a_case() -> None:
    """A statement in a Python file would need one, too: SQL lies in files of its own."""
    root = Path(worker.__file__).parent
    files = [path for path in root.rglob("*") if path.suffix in {".sql", ".py"}]
    found = {
        path.relative_to(root).as_posix()
        for path in files
        if WRITES.search(path.read_text("utf-8"))
    }
    assert found == CASES.keys()


@pytest.fixture
async def suggested(backend: Backend, database: Database) -> None:
    """A suggestion of a run, and a newer run of its contract, both ended by a worker."""
    async with backend.connection() as owner:
        await insert_row(owner, "data_contracts", id="c", name="c")
        await insert_row(
            owner, "data_contract_schema_objects", id="o", contract_id="c", name="orders"
        )
        for run in ("earlier", "newest"):
            await insert_row(
                owner, "data_profiling_runs", id=run, contract_id="c", status="completed"
            )
        await insert_row(
            owner,
            "suggested_quality_checks",
            id=SUGGESTION,
            profile_run_id="earlier",
            contract_id="c",
            schema_name="orders",
            rule="the old rule",
        )
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO attempts (run_id, number, worker, ended_at, outcome)"
            " SELECT id, 1, 'w', now(), 'completed' FROM public.data_profiling_runs"
        )


async def decide(person: asyncpg.Connection, status: str) -> None:
    await person.execute("UPDATE suggested_quality_checks SET status = $1", status)


async def stored(backend: Backend) -> list[dict[str, Any]]:
    """Return the suggestions, with the place of each row: one that is replaced has another."""
    async with backend.connection() as owner:
        rows = await owner.fetch("SELECT ctid, xmin, * FROM suggested_quality_checks ORDER BY id")
    return [dict(row) for row in rows]


def someone_waits(backend: Backend) -> Callable[[], Awaitable[bool]]:
    async def waits() -> bool:
        async with backend.connection() as other:
            return bool(await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    return waits


@each_statement
@pytest.mark.usefixtures("suggested")
async def test_it_leaves_a_suggestion_of_any_other_status(
    backend: Backend, database: Database, case: Case
) -> None:
    for status in ("accepted", "rejected", *ODD):
        async with backend.connection() as person:
            await decide(person, status)
        before = await stored(backend)
        async with database.transaction() as transaction:
            await case.execute(transaction)
        assert await stored(backend) == before, status


@each_statement
@pytest.mark.usefixtures("suggested")
async def test_it_is_one_that_deletes_or_replaces_a_pending_suggestion(
    backend: Backend, database: Database, case: Case
) -> None:
    """Else the other tests would show nothing."""
    before = await stored(backend)
    async with database.transaction() as transaction:
        await case.execute(transaction)
    assert (await stored(backend) == before) is case.spares_pending


@each_statement
@pytest.mark.parametrize("status", ["accepted", "rejected"])
@pytest.mark.usefixtures("suggested")
async def test_it_leaves_a_suggestion_that_is_decided_while_it_waits(
    backend: Backend, database: Database, case: Case, status: str
) -> None:
    """The row is still pending when the statement finds it, and decided when it gets the lock."""

    async def execute() -> None:
        async with database.transaction() as transaction:
            await case.execute(transaction)

    async with backend.connection() as person, anyio.create_task_group() as tasks:
        deciding = person.transaction()
        await deciding.start()
        await decide(person, status)
        tasks.start_soon(execute)
        await until(someone_waits(backend), "the statement waits for the person")
        await deciding.commit()
        decided = await stored(backend)
    assert [(one["status"], one["profile_run_id"]) for one in decided] == [(status, "earlier")]
    assert await stored(backend) == decided


@pytest.mark.usefixtures("suggested")
async def test_a_decision_that_meets_a_move_changes_nothing_and_is_repeated(
    backend: Backend, database: Database
) -> None:
    """The row that the person waits for is deleted; its successor is pending, under the same id."""
    changed: list[str] = []

    async def reject() -> None:
        async with backend.connection() as person:
            changed.append(
                await person.execute(
                    "UPDATE suggested_quality_checks SET status = 'rejected' WHERE id = $1",
                    SUGGESTION,
                )
            )

    async with anyio.create_task_group() as tasks, database.transaction() as transaction:
        await move_it(transaction)
        tasks.start_soon(reject)
        await until(someone_waits(backend), "the person waits for the move")
    await reject()
    assert changed == ["UPDATE 0", "UPDATE 1"]
    assert [one["profile_run_id"] for one in await stored(backend)] == ["newest"]
