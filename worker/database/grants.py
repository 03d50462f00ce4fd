"""What the backend's roles may do in the worker's own schema: write options, read progress."""

import asyncpg

from worker.database import schema_errors
from worker.database.open_connection import prove_search_path
from worker.database.options import DatabaseOptions
from worker.database.password_source import PasswordSource
from worker.database.pool import Connection, open_connection
from worker.database.sql import load_sql
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["grant", "grants_to_do"]

log = get_logger(__name__)

_LOCK = load_sql(__package__, "lock_installation")
_UNKNOWN = load_sql(__package__, "unknown_roles")
_MISSING = load_sql(__package__, "missing_grants")


async def grant(options: DatabaseOptions, passwords: PasswordSource) -> list[str]:
    """Grant the roles of `options.grant_to` the rights that they lack; return the statements.

    The worker's tables must exist. Raises `UnknownRole`, and `DatabaseRefused` if the worker's
    role may not grant one of the rights; nothing is granted then.
    """
    if not options.grant_to:
        return []
    async with open_connection(options, passwords) as connection:
        await prove_search_path(connection, options)
        granted = await _grantable(connection, options)
        if granted:
            async with connection.transaction():
                # Two that grant on one table at once would fail: "tuple concurrently updated".
                await connection.execute(_LOCK)
                granted = await _grantable(connection, options)
                for statement in granted:
                    await connection.execute(statement)
    for statement in granted:
        log.info(Event.RIGHT_GRANTED, statement=statement)
    return granted


async def grants_to_do(connection: Connection, options: DatabaseOptions) -> list[str]:
    """Return the statements that `grant` would run. Raises `UnknownRole`."""
    return [row["statement"] for row in await _missing(connection, options)]


async def _grantable(connection: Connection, options: DatabaseOptions) -> list[str]:
    missing = await _missing(connection, options)
    refused = [row["statement"] for row in missing if not row["grantable"]]
    if refused:
        raise schema_errors.may_not_grant(options.own_schema, "; ".join(refused))
    return [row["statement"] for row in missing]


async def _missing(connection: Connection, options: DatabaseOptions) -> list[asyncpg.Record]:
    roles = list(options.grant_to)
    unknown = await connection.fetchval(_UNKNOWN, roles)
    if unknown is not None:
        raise schema_errors.unknown_role(unknown, options.database)
    return list(await connection.fetch(_MISSING, options.own_schema, roles))
