"""The pool: every operation on it has a deadline, every error a type to decide on."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self, TypeVar

import anyio
import anyio.lowlevel
import asyncpg

from worker.concurrency.side_loop import Home
from worker.database import errors
from worker.database.connection import Connection, DedicatedConnection
from worker.database.driver_errors import translated
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseUnavailable,
    StatementOutdated,
)
from worker.database.open_connection import connect
from worker.database.options import DatabaseOptions
from worker.database.password_source import PasswordsOfHome, PasswordSource
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Connection", "Database", "DedicatedConnection", "open_connection"]

log = get_logger(__name__)

T = TypeVar("T")

_CLOSE_TIMEOUT = 5.0
_BOUNDARY_TIMEOUT = 2.0
_SHORTEST_CONNECT_TIMEOUT = timedelta(seconds=2)
_CONFLICT_TRIES = 10
_CONFLICT_PAUSE = 0.1


class Database:
    """A pool of connections to one database, seen through the worker's search_path.

    Raises `DatabaseUnavailable`, `DatabaseRefused`, `DatabaseConflict` or `DatabaseError`;
    never anything of asyncpg's.
    """

    def __init__(
        self, pool: asyncpg.Pool, options: DatabaseOptions, passwords: PasswordSource
    ) -> None:
        self._pool = pool
        self._passwords = passwords
        self._renew_at = _renewal(options)
        self.options = options
        self._failing: dict[str, DatabaseError] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, options: DatabaseOptions, passwords: PasswordSource, *, proved: bool = True
    ) -> AsyncIterator[Self]:
        """Open the pool and close it at the end; unless `proved` is False, open a connection first.

        A pool that is not proved opens its first connection when one is needed.
        """
        pool = await _open_pool(options, passwords, connections=1 if proved else 0)
        database = cls(pool, options, passwords)
        try:
            yield database
        finally:
            await database._close()

    async def rest(self) -> None:
        """Close every connection; the next that is needed is opened then."""
        await self._close()
        self._pool = await _open_pool(self.options, self._passwords, connections=0)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection of the pool, for statements of their own."""
        with self._reporting_outages():
            async with self._acquire() as connection:
                with translated("A statement failed"):
                    yield self._seen(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection in one transaction; it commits unless an error leaves it."""
        with self._reporting_outages():
            async with self._acquire() as connection:
                with translated("A transaction failed"):
                    async with _in_transaction(connection):
                        yield self._seen(connection)

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a transaction; again, after a short wait, if it gave way.

        Raises `DatabaseConflict` when it had to give way ten times.
        """
        for _ in range(_CONFLICT_TRIES - 1):
            try:
                async with self.transaction() as transaction:
                    return await work(transaction)
            except DatabaseConflict:
                await anyio.sleep(_CONFLICT_PAUSE)
        async with self.transaction() as transaction:
            return await work(transaction)

    @asynccontextmanager
    async def dedicated(
        self, deadline: timedelta, home: Home | None = None
    ) -> AsyncIterator[DedicatedConnection]:
        """Open a connection outside the pool, for one owner, and close it at the end.

        With `home`, the loop of this database, it belongs to the side loop that calls this.

        The server has `deadline` for a statement on it, and twice that for a connection, before
        it counts as away. It lives as long as the block: who keeps it for days has to leave and
        come back, as `connection_age` says.
        """
        options = replace(
            self.options,
            statement_timeout=deadline,
            command_timeout=deadline * 1.2,
            connect_timeout=min(
                self.options.connect_timeout, max(2 * deadline, _SHORTEST_CONNECT_TIMEOUT)
            ),
        )
        passwords = PasswordsOfHome(self._passwords, home) if home else self._passwords
        async with open_connection(options, passwords) as connection:
            yield connection

    def report(self, user: str, error: DatabaseError | None, **facts: object) -> None:
        """Say how the last operation of `user` went; None is a success.

        Logged is the first failure after none failed, with `facts`, and the success after which
        none does.
        """
        failed = bool(self._failing)
        if error is None:
            self._failing.pop(user, None)
        else:
            self._failing[user] = error
        if error is not None and not failed:
            log.warning(Event.DATABASE_UNAVAILABLE, error=str(error), **facts)
        elif failed and not self._failing:
            log.info(Event.DATABASE_AVAILABLE)

    @property
    def passwords(self) -> PasswordSource:
        """Where the pool gets its login from."""
        return self._passwords

    @property
    def idle_and_in_use(self) -> tuple[int, int]:
        """How many connections of the pool wait and how many are lent. Any thread may ask."""
        idle = self._pool.get_idle_size()
        return idle, self._pool.get_size() - idle

    @property
    def failure(self) -> DatabaseError | None:
        """What has failed and not succeeded since."""
        return next(iter(self._failing.values()), None)

    def _seen(self, connection: asyncpg.pool.PoolConnectionProxy) -> Connection:
        return Connection(connection, self.options.backend_schema)

    @contextmanager
    def _reporting_outages(self) -> Iterator[None]:
        try:
            yield
        except DatabaseUnavailable as error:
            self.report("pool", error)
            raise
        else:
            self.report("pool", None)

    @asynccontextmanager
    async def _acquire(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        if time.monotonic() > self._renew_at:
            # Idle ones are replaced when they are next asked for, others when they come back.
            self._renew_at = _renewal(self.options)
            await self._pool.expire_connections()
        timeout = self.options.connect_timeout.total_seconds()
        with translated(errors.pool_exhausted(f"{timeout:g}")):
            connection = await self._pool.acquire(timeout=timeout)
        try:
            yield connection
        except StatementOutdated:
            # The backend may have changed a type: all connections prepare their statements anew.
            await connection.reload_schema_state()
            raise
        finally:
            with anyio.CancelScope(shield=True), translated("A connection was lost"):
                await self._pool.release(connection, timeout=_CLOSE_TIMEOUT)

    async def _close(self) -> None:
        with anyio.CancelScope(shield=True):
            # What was lost already is closed.
            with (
                anyio.move_on_after(_CLOSE_TIMEOUT) as closing,
                suppress(DatabaseUnavailable),
                translated("A connection was lost"),
            ):
                await self._pool.close()
            if closing.cancelled_caught:
                self._pool.terminate()


@asynccontextmanager
async def _in_transaction(connection: asyncpg.pool.PoolConnectionProxy) -> AsyncIterator[None]:
    """Commit what the block does, or undo it if it raises.

    A cancellation comes before or after BEGIN, COMMIT and ROLLBACK: in the middle of them it would
    leave a transaction open, or a commit that is not known to have happened.
    """
    transaction = connection.transaction()
    with anyio.move_on_after(_BOUNDARY_TIMEOUT, shield=True) as beginning:
        await transaction.start()
    if beginning.cancelled_caught:
        raise TimeoutError(f"BEGIN was not answered within {_BOUNDARY_TIMEOUT:g} s")
    try:
        # What has waited for the shield.
        await anyio.lowlevel.checkpoint_if_cancelled()
        yield
    except BaseException:
        with anyio.move_on_after(_BOUNDARY_TIMEOUT, shield=True):
            await transaction.rollback()
        raise
    with anyio.move_on_after(_BOUNDARY_TIMEOUT, shield=True) as committing:
        await transaction.commit()
    if committing.cancelled_caught:
        raise TimeoutError(f"COMMIT was not answered within {_BOUNDARY_TIMEOUT:g} s")


@asynccontextmanager
async def open_connection(
    options: DatabaseOptions, passwords: PasswordSource
) -> AsyncIterator[DedicatedConnection]:
    """Open one connection with the deadlines and the search_path of the pool."""
    connection = await connect(options, passwords)
    try:
        with translated("A statement failed"):
            yield DedicatedConnection(connection, options.backend_schema)
    finally:
        with anyio.CancelScope(shield=True):
            try:
                with translated("A connection was lost"):
                    await connection.close(timeout=_CLOSE_TIMEOUT)
            except DatabaseUnavailable:
                connection.terminate()


async def _open_pool(
    options: DatabaseOptions, passwords: PasswordSource, *, connections: int
) -> asyncpg.Pool:
    async def connect_anew(*_dsn: object, **more: Any) -> asyncpg.Connection:
        return await connect(options, passwords, **more)

    return await asyncpg.create_pool(
        min_size=0,
        init_size=connections,
        max_size=options.pool_size,
        connect=connect_anew,
        # Nothing here leaves a mark on a session that would have to be undone: a statement less.
        reset=_leave_as_it_is,
    )


async def _leave_as_it_is(_: object) -> None:
    """Do nothing, where asyncpg would reset the session."""


def _renewal(options: DatabaseOptions) -> float:
    """Return when connections are due to be replaced; at random, as many workers start together."""
    age = options.connection_age.total_seconds()
    return time.monotonic() + age * random.uniform(0.8, 1)  # noqa: S311
