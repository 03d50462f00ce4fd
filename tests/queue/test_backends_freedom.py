"""The backend changes its own tables as it likes, and the worker goes on with what is left."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, begin_tables, expire
from tests.support.options import LEDGER, database_options, password_of, queue_options
from tests.support.waiting import until
from worker.backend.contracts.load import load_schema_objects
from worker.backend.suggestions.write import write_suggestions
from worker.database.errors import DatabaseError
from worker.database.pool import Connection, Database
from worker.maintenance.rescue import rescue
from worker.progress import table_progress
from worker.queue.claim import claim, unknown_leases
from worker.queue.finish_lease import finish, give_back
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.queue.run_result import RunResult, RunStatus
from worker.runs.adopt import adopt
from worker.runs.queue_state import read_queue
from worker.suggestions.suggestion_row import SuggestionRow

pytestmark = pytest.mark.anyio

DONE = RunResult(RunStatus.COMPLETED, "{}")
_COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
"""
_NEEDED = re.compile(r"\(\$1, '(\w+)', '\w+', ARRAY\[(.*?)\]\)", re.DOTALL)


def needed() -> set[tuple[str, str]]:
    """What a worker asks for at its start: every other column of these tables is optional."""
    query = resources.files("worker.preflight").joinpath("sql", "backend_lacks.sql").read_text()
    return {
        (table, column)
        for table, columns in _NEEDED.findall(query)
        for column in re.findall(r"'(\w+)'", columns)
    }


async def change(backend: Backend, *statements: str) -> None:
    async with backend.connection() as owner:
        for statement in statements:
            await owner.execute(statement)


async def columns(backend: Backend) -> list[tuple[str, str, str]]:
    async with backend.connection() as owner:
        return [tuple(row) for row in await owner.fetch(_COLUMNS)]


async def other_types(backend: Backend) -> list[str]:
    """Every column of words gets another type, the keys among them."""
    return [
        f'ALTER TABLE {table} ALTER COLUMN "{column}" TYPE '
        + ("text" if kind == "character varying" else "varchar")
        for table, column, kind in await columns(backend)
        if kind in ("character varying", "text")
    ]


async def words_of_their_own(backend: Backend) -> list[str]:
    """The words that a status may be become a type of their own, and JSON becomes jsonb."""
    statuses = "'pending', 'running', 'completed', 'failed', 'cancelled', 'accepted', 'rejected'"
    runs, suggested = "data_profiling_runs", "suggested_quality_checks"
    return [
        f"CREATE TYPE words AS ENUM ({statuses})",
        f"ALTER TABLE {runs} ALTER COLUMN status TYPE words USING status::words",
        f"ALTER TABLE {runs} ALTER COLUMN summary_stats TYPE jsonb USING summary_stats::jsonb",
        f"ALTER TABLE {suggested} ALTER COLUMN status TYPE words USING status::words",
        "CREATE TYPE kinds AS ENUM ('library', 'custom')",
        f"ALTER TABLE {suggested} ALTER COLUMN type TYPE kinds USING type::kinds",
    ]


async def without_optional_columns(backend: Backend) -> list[str]:
    asked_for = needed()
    tables = {table for table, _ in asked_for}
    return [
        f'ALTER TABLE {table} DROP COLUMN "{column}"'
        for table, column, _ in await columns(backend)
        if table in tables and (table, column) not in asked_for
    ]


async def more_columns(backend: Backend) -> list[str]:
    tables = {table for table, _, _ in await columns(backend)}
    return [f"ALTER TABLE {table} ADD COLUMN more integer DEFAULT 1" for table in sorted(tables)]


Changes = Callable[[Backend], Awaitable[list[str]]]
CHANGES: list[Changes] = [
    other_types,
    words_of_their_own,
    without_optional_columns,
    more_columns,
]


@pytest.fixture
async def database(backend: Backend, database: Database) -> AsyncIterator[Database]:
    """A pool of one connection: each statement meets what that one has prepared before."""
    options = database_options(backend.worker, pool_size=1)
    async with Database.open(options, password_of(backend.worker)) as opened:
        yield opened


@pytest.fixture
def queue() -> QueueOptions:
    return queue_options(lease=timedelta(seconds=1.2))


async def take(database: Database, queue: QueueOptions) -> Lease:
    assert await unknown_leases(database, queue, []) == []
    (lease,) = await claim(database, queue, 1)
    await load_schema_objects(database, lease.run.contract_id, ["a"])
    return lease


async def write(lease: Lease) -> None:
    """Write a table's suggestion and its progress, as an attempt does."""
    row: dict[str, Any] = dict.fromkeys(SuggestionRow.__dataclass_fields__)
    row |= {"id": f"s-{lease.run.id}-{lease.attempt}", "name": "n", "type": "library"}

    async def table(transaction: Connection) -> None:
        await write_suggestions(
            transaction,
            run_id=lease.run.id,
            contract_id=lease.run.contract_id,
            schema_name="a",
            rows=[SuggestionRow(**row)],
        )
        await table_progress.complete(
            transaction,
            lease.run.id,
            "a",
            rows_sampled=1,
            columns=1,
            suggestions=1,
            summary="{}",
        )

    await begin_tables(lease, a="profiling")
    await lease.write(table)


async def until_rescued(database: Database, queue: QueueOptions) -> None:
    """Rescue the run; who has to give way, or meets a database that has just started, comes again.

    As a worker does, which each beat tells of an expired lease.
    """

    async def rescued() -> bool:
        return len(await rescue(database, queue, LEDGER)) == 1

    await until(rescued, "the run is rescued", seconds=10)


async def cycle(database: Database, queue: QueueOptions) -> None:
    """Prepare every statement of a run's way, one that is rescued among them."""
    await write(await take(database, queue))
    await expire(database)
    await until_rescued(database, queue)
    lease = await take(database, queue)
    assert (await read_queue(database))["in_work"] == 1
    await give_back(lease, LEDGER, "drained")
    assert (await read_queue(database))["waiting"] == 1
    lease = await take(database, queue)
    await write(lease)
    await finish(lease, LEDGER, DONE)


async def renewed(database: Database) -> None:
    """Wait for the next beat."""
    async with database.connection() as connection:
        before = await connection.fetchval("SELECT clock_timestamp()")

    async def beaten() -> bool:
        async with database.connection() as connection:
            return bool(await connection.fetchval("SELECT renewed_at > $1 FROM leases", before))

    await until(beaten, "the lease is renewed", seconds=10)


async def again(backend: Backend) -> None:
    await change(backend, "UPDATE data_profiling_runs SET status = 'pending'")


async def test_the_backend_changes_and_drops_its_tables_while_a_run_is_in_work(
    backend: Backend, database: Database, queue: QueueOptions, insert: Insert
) -> None:
    await insert("r")
    lease = await take(database, queue)
    await write(lease)
    for changes in CHANGES:
        await change(backend, *await changes(backend))
    await write(lease)
    # In the order of the backend's own foreign keys, and without CASCADE.
    await change(
        backend,
        "DROP TABLE suggested_quality_checks",
        "DROP TABLE data_profiling_runs",
        "DROP TABLE data_contract_quality_checks",
        "DROP TABLE data_contract_schema_properties",
        "DROP TABLE data_contract_schema_objects",
        "DROP TABLE data_contracts",
    )
    with pytest.raises(DatabaseError, match="does not exist"):
        await write(lease)
    # What is the worker's own is all there.
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT phase FROM run_status") == "ending"


@pytest.mark.parametrize("changes", CHANGES)
async def test_a_worker_goes_on_after_the_backend_has_changed_its_tables(
    backend: Backend, database: Database, queue: QueueOptions, insert: Insert, changes: Changes
) -> None:
    await insert("r")
    await cycle(database, queue)
    await again(backend)
    await change(backend, *await changes(backend))
    await cycle(database, queue)


@pytest.mark.parametrize("changes", CHANGES)
async def test_an_attempt_goes_on_when_they_change_between_its_writes(
    backend: Backend, database: Database, queue: QueueOptions, insert: Insert, changes: Changes
) -> None:
    await insert("r")
    await cycle(database, queue)
    await again(backend)
    heartbeat = Heartbeat(database, queue, "test", lambda: None)
    async with heartbeat.running():
        lease = await take(database, queue)
        await heartbeat.add(lease)
        await write(lease)

        await renewed(database)
        await change(backend, *await changes(backend))
        await renewed(database)
        assert heartbeat.healthy
        assert not lease.scope.cancel_called
        await write(lease)
        await finish(lease, LEDGER, DONE)
        await heartbeat.remove(lease)
    async with backend.connection() as owner:
        assert await owner.fetchval("SELECT status FROM data_profiling_runs") == "completed"


@pytest.mark.parametrize("changes", CHANGES)
async def test_a_take_over_that_meets_a_change_is_done_the_next_time(
    backend: Backend, database: Database, queue: QueueOptions, insert: Insert, changes: Changes
) -> None:
    await insert("r")
    await cycle(database, queue)
    await again(backend)
    await write(await take(database, queue))
    await expire(database)
    await change(backend, *await changes(backend))
    await until_rescued(database, queue)


@pytest.mark.parametrize("changes", CHANGES)
async def test_a_transaction_that_meets_a_change_is_run_again(
    backend: Backend, database: Database, queue: QueueOptions, insert: Insert, changes: Changes
) -> None:
    await insert("r", status="running")
    assert (await adopt(database, queue, LEDGER, "r", "Adopted by test")).outcome == "pending"
    await change(
        backend, "UPDATE data_profiling_runs SET status = 'running'", *await changes(backend)
    )
    assert (await adopt(database, queue, LEDGER, "r", "Adopted by test")).outcome == "pending"
