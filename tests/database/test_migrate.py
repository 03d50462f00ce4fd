"""The worker's own schema is made once, and a schema that does not fit is refused."""

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.support.options import database_options, password_of
from worker.database.errors import SchemaVersionError
from worker.database.migrate import check_schema, known_migrations, migrate, pending_migrations
from worker.database.options import DatabaseOptions
from worker.database.pool import Database, open_connection

pytestmark = pytest.mark.anyio


def test_each_migration_has_a_number_of_its_own() -> None:
    numbers = [one.number for one in known_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_migrating_again_applies_nothing(backend: Backend) -> None:
    options, password = database_options(backend.worker), password_of(backend.worker)
    assert await migrate(options, password) == [one.name for one in known_migrations()]
    assert await migrate(options, password) == []


async def test_of_four_that_start_at_once_one_applies_each_and_all_succeed(
    backend: Backend,
) -> None:
    options, password = database_options(backend.worker), password_of(backend.worker)
    applied: list[str] = []

    async def one() -> None:
        applied.extend(await migrate(options, password))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(one)
    # Each migration is a transaction, and the next one may be another migrator's.
    assert sorted(applied) == [one.name for one in known_migrations()]


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
