"""The worker's own schema is made once, and a schema that does not fit is refused."""

from datetime import timedelta

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.support.options import database_options, password_of
from tests.support.waiting import until
from worker.database.errors import SchemaVersionError
from worker.database.migrate import check_schema, known_migrations, migrate, pending_migrations
from worker.database.options import DatabaseOptions
from worker.database.pool import Database, open_connection
from worker.database.sql import load_sql

pytestmark = pytest.mark.anyio


async def test_migrating_again_applies_nothing(backend: Backend) -> None:
    options, password = database_options(backend.worker), password_of(backend.worker)
    assert await migrate(options, password) == [one.name for one in known_migrations()]
    assert await migrate(options, password) == []


async def test_of_four_that_start_at_once_one_applies_and_all_succeed(backend: Backend) -> None:
    options, password = database_options(backend.worker), password_of(backend.worker)
    applied: list[list[str]] = []

    async def one() -> None:
        applied.append(await migrate(options, password))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(one)
    assert sorted(map(len, applied)) == [0, 0, 0, len(known_migrations())]


async def test_a_migration_that_takes_long_is_waited_for_past_every_deadline(
    backend: Backend, database: Database
) -> None:
    options = database_options(
        backend.worker,
        lock_timeout=timedelta(milliseconds=50),
        statement_timeout=timedelta(milliseconds=50),
        application_name="the second",
    )
    applied: list[list[str]] = []

    async def second() -> None:
        applied.append(await migrate(options, password_of(backend.worker)))

    async def has_waited() -> bool:
        async with database.connection() as connection:
            waiting = await connection.fetchval(
                "SELECT true FROM pg_stat_activity WHERE application_name = 'the second'"
                " AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > '100 ms'"
            )
        return bool(waiting)

    async with anyio.create_task_group() as tasks, database.transaction() as first:
        await first.execute(load_sql("worker.database", "lock_migrations"), options.own_schema)
        tasks.start_soon(second)
        await until(has_waited, "the second waits for longer than its deadlines", seconds=10)
    assert applied == [[]]


async def test_a_schema_that_lacks_a_migration_is_refused_with_the_command(
    backend: Backend, database: Database
) -> None:
    last = known_migrations()[-1]
    async with database.connection() as connection:
        await connection.execute("DELETE FROM migrations WHERE number = $1", last.number)
    with pytest.raises(SchemaVersionError, match=f"lacks {last.name}; run: dqx-worker migrate"):
        await _check(database_options(backend.worker), backend)


async def test_a_missing_schema_is_refused_with_the_command(backend: Backend) -> None:
    options = database_options(backend.worker)
    with pytest.raises(SchemaVersionError, match=r"does not exist.*dqx-worker migrate"):
        await _check(options, backend)


async def test_a_schema_of_another_backend_schema_is_refused(
    backend: Backend, database: Database
) -> None:
    options = database_options(backend.worker, backend_schema="elsewhere")
    with pytest.raises(SchemaVersionError, match="serves the backend schema public"):
        await _check(options, backend)
    with pytest.raises(SchemaVersionError, match="serves the backend schema public"):
        await migrate(options, password_of(backend.worker))


async def test_newer_pre_migrations_are_accepted_and_newer_post_ones_refused(
    backend: Backend, database: Database
) -> None:
    options = database_options(backend.worker)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO migrations VALUES (9000, 'pre', '9000_pre_future.sql')"
        )
        await _check(options, backend)
        await connection.execute(
            "INSERT INTO migrations VALUES (9001, 'post', '9001_post_future.sql')"
        )
    with pytest.raises(SchemaVersionError, match=r"9001_post_future\.sql"):
        await _check(options, backend)


async def test_a_role_that_may_makes_the_schema_and_its_name_is_quoted_wherever_it_goes(
    backend: Backend,
) -> None:
    async with backend.connection() as owner:
        await owner.execute(f"GRANT CREATE ON DATABASE {backend.worker.database} TO dqx_worker")
    options = database_options(backend.worker, own_schema='worker "; DROP TABLE x; --')
    await migrate(options, password_of(backend.worker))
    async with open_connection(options, password_of(backend.worker)) as connection:
        assert await pending_migrations(connection, options) == []
        assert await connection.fetchval("SELECT current_schema()") == options.own_schema


async def _check(options: DatabaseOptions, backend: Backend) -> None:
    async with open_connection(options, password_of(backend.worker)) as connection:
        await check_schema(connection, options)
