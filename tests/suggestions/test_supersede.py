"""What waits makes room for the latest run's; what people decide meanwhile stays."""

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.round_trip.road import CONTRACT, SCHEMA, rows_of
from tests.support.waiting import until
from tests.unit.checks.rows import NOT_NULL, RANGE
from worker.database.pool import Database
from worker.suggestions.write import load_decisions, supersede, write_suggestions

pytestmark = pytest.mark.anyio


@pytest.fixture
async def waiting(backend: Backend, database: Database) -> list[str]:
    """Two suggestions of an earlier run."""
    await backend.add_contract(CONTRACT)
    run_id = await backend.request(CONTRACT.id, [SCHEMA])
    rows = rows_of([NOT_NULL, RANGE], run_id)
    async with database.transaction() as transaction:
        await write_suggestions(
            transaction, run_id=run_id, contract_id=CONTRACT.id, schema_name=SCHEMA, rows=rows
        )
    return [row.id for row in rows]


async def left(backend: Backend) -> dict[str, str]:
    return {row["id"]: row["status"] for row in await backend.suggestions()}


async def test_what_waits_goes(backend: Backend, database: Database, waiting: list[str]) -> None:
    first, second = waiting
    async with database.transaction() as transaction:
        assert await supersede(transaction, [])
        assert await supersede(transaction, [first])
    assert await left(backend) == {second: "pending"}


async def test_what_somebody_accepts_at_that_moment_stays(
    backend: Backend, database: Database, waiting: list[str]
) -> None:
    first, _ = waiting
    answers: list[bool] = []

    async def take_away() -> None:
        async with database.transaction() as transaction:
            answers.append(await supersede(transaction, waiting))

    async with backend.connection() as person, anyio.create_task_group() as tasks:
        accepting = person.transaction()
        await accepting.start()
        await person.execute(
            "UPDATE suggested_quality_checks SET status = 'accepted' WHERE id = $1", first
        )
        tasks.start_soon(take_away)

        async def blocked() -> bool:
            async with backend.connection() as other:
                return bool(await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

        await until(blocked, "the worker waits for the person")
        await accepting.commit()
    assert answers == [False]
    assert await left(backend) == {first: "accepted"}
    async with database.transaction() as transaction:
        (decision,) = await load_decisions(
            transaction, contract_id=CONTRACT.id, schema_name=SCHEMA, run_id="another"
        )
    assert (decision.id, decision.status) == (first, "accepted")
