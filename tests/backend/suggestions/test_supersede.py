"""What waits makes room for the latest run's; what people decide meanwhile stays."""

from dataclasses import replace

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.round_trip.accept_and_export import CONTRACT, SCHEMA, rows_of
from tests.support.stored_checks import stored
from tests.support.waiting import until
from tests.unit.suggestions.rows import NOT_NULL, RANGE
from worker.backend.suggestions.write import supersede, write_suggestions
from worker.database.errors import DatabaseConflict
from worker.database.pool import Connection, Database
from worker.suggestions.decisions import Decision, When
from worker.suggestions.suggestion_row import SuggestionRow

pytestmark = pytest.mark.anyio


async def decisions(
    transaction: Connection, run_id: str, schema_name: str = SCHEMA
) -> list[Decision]:
    _, found = await stored(transaction, run_id, CONTRACT.id, schema_name)
    return found


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


async def test_the_order_of_runs_is_that_of_their_requests(
    backend: Backend, database: Database, waiting: list[str]
) -> None:
    async with backend.connection() as owner:
        await owner.execute(
            "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at) VALUES"
            " ('before', $1, 'dqx', 'pending', now() - interval '1 day'),"
            " ('after', $1, 'dqx', 'pending', now()), ('llm', $1, 'llm', 'pending', now())",
            CONTRACT.id,
        )
        await owner.execute(
            "INSERT INTO suggested_quality_checks"
            " (id, profile_run_id, contract_id, source, schema_name, status, type) VALUES"
            " ('by llm', 'llm', $1, 'llm', $2, 'pending', 'library'),"
            " ('of another', 'after', $1, 'dqx', 'other', 'pending', 'custom')",
            CONTRACT.id,
            SCHEMA,
        )

    async def seen_by(run_id: str) -> dict[str, When]:
        async with database.transaction() as transaction:
            return {one.id: one.when for one in await decisions(transaction, run_id)}

    aside = {"by llm": When.ASIDE}
    assert await seen_by("before") == dict.fromkeys(waiting, When.LATER) | aside
    assert await seen_by("after") == dict.fromkeys(waiting, When.EARLIER) | aside


async def test_decisions_come_in_the_order_of_requests_and_not_in_that_of_their_rows(
    backend: Backend, database: Database, waiting: list[str]
) -> None:
    runs = ("today", "yesterday", "a week ago")
    async with backend.connection() as owner:
        for days, run in zip((0, 1, 7), runs, strict=True):
            await owner.execute(
                "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at)"
                " VALUES ($2, $1, 'dqx', 'completed', now() - make_interval(days => $3))",
                CONTRACT.id,
                run,
                days,
            )
            await owner.execute(
                "INSERT INTO suggested_quality_checks"
                " (id, profile_run_id, contract_id, source, schema_name, status, type)"
                " VALUES ($2, $2, $1, 'dqx', $3, 'rejected', 'custom')",
                CONTRACT.id,
                run,
                SCHEMA,
            )
    async with database.transaction() as transaction:
        found = [one.id for one in await decisions(transaction, "today")]
    assert [one for one in found if one in runs] == ["a week ago", "yesterday", "today"]


async def test_what_a_run_has_written_before_is_not_written_again(
    backend: Backend, database: Database
) -> None:
    await backend.add_contract(CONTRACT)
    run_id = await backend.request(CONTRACT.id, [SCHEMA])
    rows = rows_of([NOT_NULL, RANGE], run_id)

    async def written(*chosen: SuggestionRow) -> int:
        async with database.transaction() as transaction:
            return await write_suggestions(
                transaction, run_id=run_id, contract_id=CONTRACT.id, schema_name=SCHEMA, rows=chosen
            )

    assert await written(rows[0]) == 1
    async with backend.connection() as owner:
        await owner.execute("UPDATE suggested_quality_checks SET status = 'accepted'")
    assert await written(*rows) == 2
    assert await left(backend) == {rows[0].id: "accepted", rows[1].id: "pending"}


async def test_text_that_postgres_does_not_take_is_written_without_what_it_can_not_hold(
    backend: Backend, database: Database
) -> None:
    await backend.add_contract(CONTRACT)
    run_id = await backend.request(CONTRACT.id, [SCHEMA])
    (row,) = rows_of([NOT_NULL], run_id)
    async with database.transaction() as transaction:
        await write_suggestions(
            transaction,
            run_id=run_id,
            contract_id=CONTRACT.id,
            schema_name=SCHEMA,
            rows=[replace(row, rationale="a\x00b\ud800c")],
        )
    assert [one["rationale"] for one in await backend.suggestions()] == ["a\ufffdb?c"]


async def test_one_run_at_a_time_writes_for_a_schema(
    backend: Backend, database: Database, waiting: list[str]
) -> None:
    run_id = await backend.request(CONTRACT.id, [SCHEMA])

    async def look(schema_name: str) -> None:
        async with database.transaction() as transaction:
            await decisions(transaction, run_id, schema_name)

    async with database.transaction() as transaction:
        await decisions(transaction, run_id)
        await look("other")
        with pytest.raises(DatabaseConflict):
            await look(SCHEMA)
    await look(SCHEMA)


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
    another = await backend.request(CONTRACT.id, [SCHEMA])
    assert await left(backend) == {first: "accepted"}
    async with database.transaction() as transaction:
        (decision,) = await decisions(transaction, another)
    assert (decision.id, decision.status) == (first, "accepted")


async def test_of_too_many_decisions_those_of_the_schema_and_the_newest_are_read(
    backend: Backend,
    database: Database,
    waiting: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with backend.connection() as owner:
        for days, schema in ((1, "other"), (2, "another"), (3, SCHEMA)):
            await owner.execute(
                "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at)"
                " VALUES ($2, $1, 'dqx', 'completed', now() - make_interval(days => $3))",
                CONTRACT.id,
                f"of {schema}",
                days,
            )
            await owner.execute(
                "INSERT INTO suggested_quality_checks"
                " (id, profile_run_id, contract_id, source, schema_name, status, type)"
                " VALUES ($2, $2, $1, 'dqx', $3, 'rejected', 'custom')",
                CONTRACT.id,
                f"of {schema}",
                schema,
            )
    monkeypatch.setattr("worker.backend.suggestions.decisions.MAX_DECISIONS", 4)
    run_id = await backend.request(CONTRACT.id, [SCHEMA])
    async with database.transaction() as transaction:
        found = [one.id for one in await decisions(transaction, run_id)]
    assert found == [f"of {SCHEMA}", "of other", *sorted(waiting)]
