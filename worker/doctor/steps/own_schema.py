"""The step 'own schema': whether the worker's own tables are there, whose, and of which version."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from worker.database.errors import SchemaVersionError
from worker.database.migrate import known_migrations, pending_migrations
from worker.database.open_connection import search_path
from worker.database.options import DatabaseOptions
from worker.database.pool import Connection, Database
from worker.database.schema_errors import (
    may_not_create,
    no_own_schema,
    own_schema_old,
    rights_missing,
)
from worker.database.sql import load_sql
from worker.doctor.errors import schema as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult
from worker.telemetry.cures import cures

__all__ = ["check_own_schema", "seen_through"]

_SCHEMA = load_sql(__package__, "own_schema")


async def check_own_schema(setup: Setup) -> StepResult:
    """Find out what `dqx-worker migrate` has made, or has still to make."""
    options = setup.database_options
    async with seen_through(setup.database.take(), options) as connection:
        row = dict((await connection.fetch(_SCHEMA, options.own_schema))[0])
        if not row["there"]:
            return _to_be_made(row, setup)
        if not row["usable"]:
            hints = [*_owner(row, setup), f"{row['granting']};"]
            raise StepFailed(rights_missing(row["granting"]), hints, row)
        try:
            pending = await pending_migrations(connection, options)
        except SchemaVersionError as error:
            raise StepFailed(error, detail=row) from error
    if pending:
        return _to_be_migrated(row, pending, setup)
    setup.own_tables.give(True)
    newest = known_migrations()[-1].name
    return StepResult(
        f"{options.own_schema}, of {row['owner']}, up to date ({newest})",
        {**row, "pending": []},
    )


@asynccontextmanager
async def seen_through(database: Database, options: DatabaseOptions) -> AsyncIterator[Connection]:
    """Lend a transaction with the worker's search_path, even if the connection has lost it."""
    async with database.transaction() as transaction:
        await transaction.execute(
            "SELECT pg_catalog.set_config('search_path', $1, true)", search_path(options)
        )
        yield transaction


def _to_be_made(row: Mapping[str, Any], setup: Setup) -> StepResult:
    """Report that the schema is missing; raise unless the worker makes it at its start."""
    options = setup.database_options
    if not row["may_create"]:
        refused = may_not_create(options.database, row["creating"])
        first = [f"{row['creating']};", *cures(refused)]
        if setup.options.migrate:
            raise StepFailed(refused, first, row)
        # The migration that is missing could not be applied either.
        raise StepFailed(no_own_schema(options.own_schema, options.database), first, row)
    if not setup.options.migrate:
        raise StepFailed(no_own_schema(options.own_schema, options.database), detail=row)
    names = ", ".join(one.name for one in known_migrations())
    return StepResult(
        f"{options.own_schema} is not there yet",
        {**row, "pending": names},
        [hint(errors.will_be_made(options.own_schema, names))],
    )


def _to_be_migrated(row: Mapping[str, Any], pending: list[str], setup: Setup) -> StepResult:
    """Report which migrations are pending; raise unless the worker applies it at its start."""
    options = setup.database_options
    names = ", ".join(pending)
    detail = {**row, "pending": pending}
    hints = []
    if not row["creatable"]:
        hints = [*_owner(row, setup), f"{row['granting']};"]
    elif row["tables_owner"] and not row["owns_tables"]:
        hints = [hint(errors.tables_of_another(row["tables_owner"], row["role"]))]
    if hints or not setup.options.migrate:
        made = row["tables_owner"] is not None
        error = (
            own_schema_old(options.own_schema, names)
            if made
            else no_own_schema(options.own_schema, options.database)
        )
        raise StepFailed(error, hints, detail)
    return StepResult(
        f"{options.own_schema} lacks {names}",
        detail,
        [hint(errors.will_be_made(options.own_schema, names))],
    )


def _owner(row: Mapping[str, Any], setup: Setup) -> list[str]:
    schema = setup.database_options.own_schema
    return [hint(errors.schema_of_another(schema, row["owner"], row["role"]))]
