"""The worker's own schema: numbered migrations, applied once, checked at every start.

A `pre` migration goes in before a deployment and leaves the running code working; a `post`
one goes in after it. So code may meet a schema that has newer `pre` migrations than it knows,
and refuses one that has a newer `post`.
"""

import re
from dataclasses import dataclass
from importlib import resources

import asyncpg

from worker.database import errors
from worker.database.options import DatabaseOptions
from worker.database.password import PasswordSource
from worker.database.pool import Connection, open_connection
from worker.database.sql import load_sql
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["check_schema", "migrate", "pending_migrations"]

log = get_logger(__name__)

_NAME = re.compile(r"(\d{4})_(pre|post)_\w+\.sql")


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

    Safe to run again and when two start at once: a lock lets one go first. Raises
    `SchemaVersionError` when the schema serves another backend schema.
    """
    async with (
        open_connection(options, passwords) as connection,
        connection.transaction(),
    ):
        # The second of two waits for the first, however long its migrations take.
        await connection.execute("SET LOCAL lock_timeout = 0")
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute(load_sql(__package__, "lock_migrations"), options.own_schema)
        lacks = await connection.fetchrow(
            load_sql(__package__, "own_schema_lacks"), options.own_schema
        )
        if lacks:
            refused = errors.may_not_create(options.database, lacks["granting"])
            if not lacks["creating"]:
                raise refused
            try:
                await connection.execute(lacks["creating"])
            except asyncpg.InsufficientPrivilegeError as error:
                raise refused from error
        await connection.execute(load_sql(__package__, "create_migrations"))
        applied = {
            row["number"] for row in await connection.fetch(load_sql(__package__, "migrations"))
        }
        names = []
        for migration in known_migrations():
            if migration.number in applied:
                continue
            await connection.execute(migration.sql)
            await connection.execute(
                load_sql(__package__, "record_migration"),
                migration.number,
                migration.kind,
                migration.name,
            )
            names.append(migration.name)
            log.info(Event.MIGRATION_APPLIED, migration=migration.name)
        await connection.execute(
            load_sql(__package__, "record_installation"), options.backend_schema
        )
        await _check_installation(connection, options)
        return names


async def pending_migrations(connection: Connection, options: DatabaseOptions) -> list[str]:
    """Return the names of the migrations that this code needs and the schema lacks.

    Raises `SchemaVersionError` when the schema is newer than this code can use, or serves
    another backend schema.
    """
    if not await connection.fetchval(load_sql(__package__, "has_migrations"), options.own_schema):
        return [migration.name for migration in known_migrations()]
    rows = await connection.fetch(load_sql(__package__, "migrations"))
    known = {migration.number for migration in known_migrations()}
    newer = [row["name"] for row in rows if row["number"] not in known and row["kind"] == "post"]
    if newer:
        raise errors.own_schema_new(options.own_schema, ", ".join(newer))
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
        raise errors.no_own_schema(options.own_schema, options.database)
    if pending:
        raise errors.own_schema_old(options.own_schema, ", ".join(pending))


async def _check_installation(
    connection: Connection | asyncpg.Connection, options: DatabaseOptions
) -> None:
    served = await connection.fetchval(load_sql(__package__, "installation"))
    if served != options.backend_schema:
        raise errors.other_backend_schema(options.own_schema, served, options.backend_schema)
