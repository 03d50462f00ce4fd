"""Opens one connection: a login from the source, TLS, deadlines; a rejected token once more."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import anyio
import asyncpg

from worker.database import errors, schema_errors
from worker.database.connection import Connection
from worker.database.driver_errors import translated
from worker.database.errors import DatabaseRefused, DatabaseUnavailable
from worker.database.options import DatabaseOptions
from worker.database.password_source import Login, PasswordSource
from worker.database.sql import quoted
from worker.database.tls import tls_argument

__all__ = ["connect", "is_own_path", "log_in", "prove_search_path", "search_path", "url"]

T = TypeVar("T")

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
"""A name that needs no quotes."""


async def connect(
    options: DatabaseOptions, passwords: PasswordSource, **more: Any
) -> asyncpg.Connection:
    """Open a connection; `more` goes to asyncpg.

    Raises `DatabaseUnavailable`, `NoPassword` among them, and `DatabaseRefused`.
    """
    return await log_in(options, passwords, lambda login: _connect(options, login, more))


async def log_in(
    options: DatabaseOptions, passwords: PasswordSource, enter: Callable[[Login], Awaitable[T]]
) -> T:
    """Return what `enter` returns for a login of `passwords`.

    Where Postgres rejects it and there may be another one, that is tried, once. If the host is the
    login's own and can't be reached, `passwords` is notified: the database may have moved.
    """

    async def attempt(login: Login) -> T:
        try:
            return await enter(login)
        # A pool gives up at the same moment as the connection that it waits for.
        except (DatabaseUnavailable, anyio.get_cancelled_exc_class()):
            if options.host is None:
                passwords.unreachable(login)
            raise

    login = await passwords.password()
    try:
        return await attempt(login)
    except DatabaseRefused as error:
        if not _rejected(error) or not await passwords.rejected(login):
            raise
    login = await passwords.password()
    try:
        return await attempt(login)
    except DatabaseRefused as error:
        if not _rejected(error):
            raise
        raise errors.token_rejected(url(options, login), error.__cause__) from error


async def _connect(
    options: DatabaseOptions, login: Login, more: dict[str, Any]
) -> asyncpg.Connection:
    host = options.host or login.host or ""
    # A server that accepts no logins for now has many words for it.
    with (
        translated(errors.cannot_connect(host, options.port), otherwise=DatabaseUnavailable),
        _refused_without_tls(host, options.port),
    ):
        return await asyncpg.connect(
            host=host,
            port=options.port,
            database=options.database,
            user=login.user,
            # A callable: asyncpg keeps its arguments, and shows them in its own errors.
            password=login.secret.get_secret_value,
            ssl=tls_argument(options, host),
            timeout=options.connect_timeout.total_seconds(),
            command_timeout=options.command_timeout.total_seconds(),
            # As parameters of the start they hold for the session, whatever is set in it.
            server_settings={
                "application_name": options.application_name,
                "search_path": search_path(options),
                "statement_timeout": _milliseconds(options.statement_timeout),
                "lock_timeout": _milliseconds(options.lock_timeout),
                "idle_in_transaction_session_timeout": _milliseconds(
                    options.idle_in_transaction_timeout
                ),
                # Every statement is prepared and short: to plan one anew takes longer than to
                # carry it out, and no parameter would change the plan (tests/queue/test_plans.py).
                # An array may be longer than the plan expects: each of its entries is looked up.
                "plan_cache_mode": "force_generic_plan",
            },
            **more,
        )


@contextmanager
def _refused_without_tls(host: str, port: int) -> Iterator[None]:
    """Raise `DatabaseRefused` for a server without TLS, which the driver counts as an outage."""
    try:
        yield
    except ConnectionError as error:
        # The driver's own (asyncpg 0.32, connect_utils.py); the system's are of its subclasses.
        if type(error) is ConnectionError and "rejected SSL upgrade" in str(error):
            raise errors.no_tls(host, port) from error
        raise


def url(options: DatabaseOptions, login: Login) -> str:
    """Return what a connection is called in logs and messages: a URL without its secret."""
    host = options.host or login.host or ""
    place = f"[{host}]" if ":" in host else quote(host, safe=".-")
    return (
        f"postgresql://{quote(login.user, safe='')}:****@{place}:{options.port}"
        f"/{quote(options.database, safe='')}"
    )


def search_path(options: DatabaseOptions) -> str:
    """Return the search_path of every connection: the worker's own schema alone.

    A role that may make an operator or a function in a schema of the path gets the rights of all
    that use it. So the backend's schema is not in it, and pg_catalog is not named: Postgres
    searches that first by itself, and would make tables there if it were the first that is named.
    Before it Postgres looks for tables and types among the session's temporary ones, which no other
    session can make, and the worker makes none.
    """
    return quoted(options.own_schema)


def is_own_path(path: str, options: DatabaseOptions) -> bool:
    """Return whether a search_path that is in effect leads to the worker's own schema alone.

    It need not be what the connection asked for: the role may have a setting without quotes.
    """
    plain = _PLAIN.fullmatch(options.own_schema) is not None
    return path == search_path(options) or (plain and path == options.own_schema)


async def prove_search_path(connection: Connection, options: DatabaseOptions) -> None:
    """Raise `DatabaseRefused` if the search_path is not the one asked for: a pooler may drop it."""
    path = await connection.fetchval("SHOW search_path")
    if not is_own_path(path, options):
        raise schema_errors.search_path_lost(path or "empty", search_path(options))


def _rejected(error: DatabaseRefused) -> bool:
    """Return whether Postgres turned the login down (SQLSTATE class 28), not something else."""
    return isinstance(error.__cause__, asyncpg.InvalidAuthorizationSpecificationError)


def _milliseconds(duration: timedelta) -> str:
    return str(int(duration.total_seconds() * 1000))
