"""A connection as the worker uses it: it takes the queries of files, and strings."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from asyncpg.transaction import Transaction

from worker.database.sql import Sql

__all__ = ["Connection", "DedicatedConnection"]


class Connection:
    """What a query needs: a connection, or a transaction on one.

    It names the backend's schema in the queries of files. A string is sent as it is.
    """

    def __init__(
        self, driver: "asyncpg.Connection | PoolConnectionProxy", backend_schema: str
    ) -> None:
        self._driver = driver
        self._backend_schema = backend_schema

    async def execute(self, query: Sql | str, *args: Any) -> str:
        """Run a statement and return its tag."""
        return await self._driver.execute(self._text(query), *args)

    async def fetch(self, query: Sql | str, *args: Any) -> Sequence[asyncpg.Record]:
        """Return all rows."""
        return await self._driver.fetch(self._text(query), *args)

    async def fetchrow(self, query: Sql | str, *args: Any) -> asyncpg.Record | None:
        """Return the first row."""
        return await self._driver.fetchrow(self._text(query), *args)

    async def fetchval(self, query: Sql | str, *args: Any) -> Any:
        """Return the first value of the first row."""
        return await self._driver.fetchval(self._text(query), *args)

    def get_server_pid(self) -> int:
        """Return the number of the server's process, as it was given at the login."""
        return self._driver.get_server_pid()

    def _text(self, query: Sql | str) -> str:
        return query.completed(self._backend_schema) if isinstance(query, Sql) else query


class DedicatedConnection(Connection):
    """A connection outside the pool, of one owner: only such a one may listen."""

    async def add_listener(self, channel: str, callback: Callable[..., None]) -> None:
        """Call `callback` for every notification on `channel`."""
        await self._driver.add_listener(channel, callback)

    def transaction(self) -> Transaction:
        """Return a transaction to enter: it commits unless an error leaves it."""
        return self._driver.transaction()

    async def execute_long(self, statements: str, deadline: timedelta) -> None:
        """Run statements that may take longer than the connection's deadline."""
        await self._driver.execute(statements, timeout=deadline.total_seconds())
