"""A strand of work on a connection of its own, which stops before each of its statements."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum, auto
from pathlib import Path
from typing import Any, cast

import anyio
import asyncpg

import worker
from worker.database.options import DatabaseOptions
from worker.database.password_source import PasswordSource
from worker.database.pool import Database
from worker.database.sql import Sql

__all__ = ["Order", "Strand"]

_NAMES = {
    Sql(file.read_text()).completed("public"): file.stem
    for file in Path(worker.__file__).parent.glob("*/sql/*.sql")
}

_READ_ONLY = ("expired_leases", "run", "claimed_by", "claimed_unknown", "vanished_objects")


class Order(Enum):
    """What becomes of the statement that a strand has stopped before."""

    GO = auto()
    LOSE_STATEMENT = auto()
    """The connection is lost before the statement arrives."""
    LOSE_ANSWER = auto()
    """It is lost after the statement was done."""


class Strand:
    """Production code in a task, with a `Database` whose statements wait to be let through.

    BEGIN and ROLLBACK do not wait: nobody else sees a difference.
    """

    def __init__(
        self,
        label: str,
        connection: asyncpg.Connection,
        options: DatabaseOptions,
        passwords: PasswordSource,
        *,
        moved: asyncio.Event,
        said: Callable[[str], None],
    ) -> None:
        self.label = label
        self.connection = connection
        self.pid = connection.get_server_pid()
        self.database = Database(cast("asyncpg.Pool", _OnlyOne(self)), options, passwords)
        self.committed = False
        """Something was committed since this was last set to False."""
        self.gives_way = False
        self.dead = False
        self._moved = moved
        self._said = said
        self._gate: asyncio.Future[Order] | None = None
        self._task: asyncio.Task[None] | None = None
        self._next = ""

    def start(self, script: Coroutine[Any, Any, None]) -> None:
        """Begin `script`; it comes as far as its first statement."""
        self._task = asyncio.create_task(script, name=self.label)
        self._task.add_done_callback(lambda _: self._moved.set())

    @property
    def ended(self) -> bool:
        return self._task is not None and self._task.done()

    @property
    def at_gate(self) -> bool:
        return self._gate is not None and not self._gate.done()

    @property
    def moving(self) -> bool:
        """It is on its way to its next gate, or blocked in Postgres."""
        return not self.at_gate and not self.ended

    @property
    def error(self) -> BaseException | None:
        """What the script raised, but for its death."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return None
        return self._task.exception()

    def let_through(self, order: Order) -> None:
        """Open the gate for one statement."""
        assert self._gate is not None
        self._gate.set_result(order)

    def die(self) -> bool:
        """End at the gate, as a process does that is killed: what is open is rolled back.

        Returns False where a statement is under way, which somebody has to cancel.
        """
        self.dead = True
        if self._gate is not None and self.at_gate:
            self._gate.cancel()
            return True
        return self.ended

    async def statement(self, text: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Stop, then do `work`, unless the order is another."""
        name = _NAMES.get(text, text)
        order = await self._stop(name)
        if order is Order.LOSE_STATEMENT:
            await self._lose(f"{name} is lost on its way")
        with anyio.CancelScope(shield=True):
            try:
                result = await work()
            except asyncpg.QueryCanceledError as error:
                if self.dead:
                    raise asyncio.CancelledError from error
                if self.gives_way:
                    self.gives_way = False
                    self._said(f"{self.label}: {name} gives way")
                    raise asyncpg.LockNotAvailableError("lock timeout") from error
                raise
            except asyncpg.PostgresError as error:
                self._said(f"{self.label}: {name} raises {error!r}")
                raise
        self.gives_way = False
        reported = result if isinstance(result, str) else f"{len(result)} rows"
        self._said(f"{self.label}: {name} [{reported}]")
        if not self.connection.is_in_transaction() and name not in _READ_ONLY:
            self.committed = True
        if order is Order.LOSE_ANSWER:
            await self._lose(f"the answer to {name} is lost")
        return result

    async def roll_back(self) -> None:
        with anyio.CancelScope(shield=True):
            if self.connection.is_in_transaction():
                self._said(f"{self.label}: ROLLBACK")
                await self.connection.execute("ROLLBACK")

    async def _stop(self, name: str) -> Order:
        if self.dead:
            raise asyncio.CancelledError
        self._next = name
        self._gate = asyncio.get_running_loop().create_future()
        self._moved.set()
        return await self._gate

    async def _lose(self, how: str) -> None:
        self._said(f"{self.label}: {how}")
        # The server rolls back what a connection that it has lost leaves open.
        await self.roll_back()
        raise asyncpg.ConnectionDoesNotExistError(how)

    def __repr__(self) -> str:
        return f"{self.label} before {self._next}"


class _Gated:
    """A connection of the strand's, as production code sees it."""

    def __init__(self, strand: Strand) -> None:
        self._strand = strand

    async def execute(self, query: str, *args: Any) -> Any:
        connection = self._strand.connection
        return await self._strand.statement(query, lambda: connection.execute(query, *args))

    async def fetch(self, query: str, *args: Any) -> Any:
        connection = self._strand.connection
        return await self._strand.statement(query, lambda: connection.fetch(query, *args))

    async def fetchrow(self, query: str, *args: Any) -> Any:
        rows = await self.fetch(query, *args)
        return rows[0] if rows else None

    async def fetchval(self, query: str, *args: Any) -> Any:
        row = await self.fetchrow(query, *args)
        return row[0] if row else None

    def get_server_pid(self) -> int:
        return self._strand.connection.get_server_pid()

    def transaction(self) -> "_Transaction":
        return _Transaction(self._strand)


class _Transaction:
    """A transaction of the strand's: COMMIT is a statement that stops like any other."""

    def __init__(self, strand: Strand) -> None:
        self._strand = strand

    async def start(self) -> None:
        await self._strand.connection.execute("BEGIN")

    async def commit(self) -> None:
        try:
            await self._strand.statement(
                "COMMIT", lambda: self._strand.connection.execute("COMMIT")
            )
        finally:
            await self._strand.roll_back()

    async def rollback(self) -> None:
        await self._strand.roll_back()


class _OnlyOne:
    """What `Database` asks of a pool."""

    def __init__(self, strand: Strand) -> None:
        self._connection = _Gated(strand)

    async def acquire(self, *, timeout: float) -> _Gated:  # noqa: ASYNC109
        return self._connection

    async def release(self, connection: _Gated, *, timeout: float) -> None:  # noqa: ASYNC109
        return
