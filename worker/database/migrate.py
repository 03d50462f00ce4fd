"""The worker's own schema: numbered migrations, applied once, checked at every start.

A `pre` migration goes in before a deployment and leaves the running code working; a `post`
one goes in after it. So code may meet a schema that has newer `pre` migrations than it knows,
and refuses one that has a newer `post`.

In the file of a migration, whatever takes long comes first. A statement that workers would wait
for, such as ALTER TABLE on a table that they use, comes last: it is tried for a tenth of a second
at a time, and what came before it is done again.
"""

import functools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import TypeVar

import anyio
import asyncpg

from worker.concurrency.backoff import doubling, jittered
from worker.database import schema_errors
from worker.database.connection import Connection, DedicatedConnection
from worker.database.open_connection import prove_search_path
from worker.database.options import DatabaseOptions
from worker.database.password_source import PasswordSource
from worker.database.pool import open_connection
from worker.database.sql import load_sql
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["check_schema", "migrate", "pending_migrations"]

log = get_logger(__name__)

T = TypeVar("T")

_NAME = re.compile(r"(\d{4})_(pre|post)_\w+\.sql")

_LACKS = load_sql(__package__, "own_schema_lacks")
_CREATE = load_sql(__package__, "create_migrations")
_MIGRATIONS = load_sql(__package__, "migrations")
_RECORD = load_sql(__package__, "record_migration")
_RECORD_INSTALLATION = load_sql(__package__, "record_installation")
_INSTALLATION = load_sql(__package__, "installation")
_HAS_MIGRATIONS = load_sql(__package__, "has_migrations")

# A worker's statement queues behind one that waits for a lock on the whole table, and gives way
# after 500 ms.
_DEADLINES = "SET LOCAL lock_timeout = '100ms'; SET LOCAL statement_timeout = 0"
_LONGEST = timedelta(days=1)
"""The client's deadline for a migration's statements: it ends a wait for a server that is gone."""
# Seconds.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_MADE_TRIES = 5

_LOCKED = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
# IF NOT EXISTS does not see what another transaction is about to commit.
_MADE_MEANWHILE = (
    asyncpg.UniqueViolationError,
    asyncpg.DuplicateSchemaError,
    asyncpg.DuplicateTableError,
    # The type of a table's rows is made before the table.
    asyncpg.DuplicateObjectError,
)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `migrations/`."""

    number: int
    kind: str
    name: str
    sql: str


def known_migrations() -> list[Migration]:
    """Return the migrations that ship with this code, in their order."""
    files = resources.files(__package__).joinpath("migrations").iterdir()
    migrations = [
        Migration(int(match[1]), match[2], file.name, file.read_text("utf-8"))
        for file in files
        if (match := _NAME.fullmatch(file.name))
    ]
    return sorted(migrations, key=lambda migration: migration.number)


async def migrate(options: DatabaseOptions, passwords: PasswordSource) -> list[str]:
    """Bring the worker's schema up to date; return the names of what was applied.

    Each migration is a transaction of its own, so an interruption leaves whole migrations, and the
    next call continues after them. Safe if several start at once, and beside running workers: it
    waits for locks without a limit, and never holds up a worker while it waits. Raises
    `SchemaVersionError` if the schema serves another backend schema.
    """
    names = []
    async with open_connection(options, passwords) as connection:
        await prove_search_path(connection, options)
        await _in_turn(connection, "migrations", lambda: _make_table(connection, options))
        applied = {row["number"] for row in await connection.fetch(_MIGRATIONS)}
        for one in known_migrations():
            work = functools.partial(_apply, connection, one, options)
            if one.number not in applied and await _in_turn(connection, one.name, work):
                names.append(one.name)
                log.info(Event.MIGRATION_APPLIED, migration=one.name)
        await _check_installation(connection, options)
    return names


async def _in_turn(
    connection: DedicatedConnection, name: str, work: Callable[[], Awaitable[T]]
) -> T:
    """Return what `work` returns in a transaction that waits for locks in short tries.

    What it has locked is free between two tries.
    """
    pauses = doubling(_FIRST_PAUSE, _LONGEST_PAUSE)
    waiting, failures = False, 0
    while True:
        try:
            async with connection.transaction():
                # Not at the login: a pooler may drop what is asked for there.
                await connection.execute(_DEADLINES)
                return await work()
        except _LOCKED:
            if not waiting:
                waiting = True
                log.warning(Event.MIGRATION_WAITING, migration=name)
        except _MADE_MEANWHILE:
            failures += 1
            if failures == _MADE_TRIES:
                raise
        await anyio.sleep(jittered(next(pauses)))


async def _make_table(connection: DedicatedConnection, options: DatabaseOptions) -> None:
    """Make the table that migrations are recorded in, and before it the schema."""
    lacks = await connection.fetchrow(_LACKS, options.own_schema)
    if lacks:
        refused = schema_errors.may_not_create(options.database, lacks["granting"])
        if not lacks["creating"]:
            raise refused
        try:
            await connection.execute(lacks["creating"])
        except asyncpg.InsufficientPrivilegeError as error:
            raise refused from error
    await connection.execute(_CREATE)


async def _apply(
    connection: DedicatedConnection, migration: Migration, options: DatabaseOptions
) -> bool:
    """Apply a migration; return False if another process has done so meanwhile.

    Its row is written first: until this transaction ends, others wait there and do nothing else.
    """
    row = (migration.number, migration.kind, migration.name)
    if not await connection.fetchval(_RECORD, *row):
        return False
    await connection.execute_long(migration.sql, _LONGEST)
    await connection.execute(_RECORD_INSTALLATION, options.backend_schema)
    await _check_installation(connection, options)
    return True


async def pending_migrations(connection: Connection, options: DatabaseOptions) -> list[str]:
    """Return the names of the migrations that this code needs and the schema lacks.

    Raises `SchemaVersionError` when the schema is newer than this code can use, or serves
    another backend schema.
    """
    if not await connection.fetchval(_HAS_MIGRATIONS, options.own_schema):
        return [migration.name for migration in known_migrations()]
    rows = await connection.fetch(_MIGRATIONS)
    known = {migration.number for migration in known_migrations()}
    newer = [row["name"] for row in rows if row["number"] not in known and row["kind"] == "post"]
    if newer:
        raise schema_errors.own_schema_new(options.own_schema, ", ".join(newer))
    applied = {row["number"] for row in rows}
    pending = [
        migration.name for migration in known_migrations() if migration.number not in applied
    ]
    if not pending:
        await _check_installation(connection, options)
    return pending


async def check_schema(connection: Connection, options: DatabaseOptions) -> None:
    """Raise `SchemaVersionError`, which names the cure, unless the schema fits this code."""
    pending = await pending_migrations(connection, options)
    if len(pending) == len(known_migrations()):
        error = schema_errors.no_own_schema(options.own_schema, options.database)
        raise error.lacking(len(pending))
    if pending:
        error = schema_errors.own_schema_old(options.own_schema, ", ".join(pending))
        raise error.lacking(len(pending))


async def _check_installation(connection: Connection, options: DatabaseOptions) -> None:
    served = await connection.fetchval(_INSTALLATION)
    if served != options.backend_schema:
        raise schema_errors.other_backend_schema(options.own_schema, served, options.backend_schema)
