"""The first connection of a process: opened, and examined for what no worker can work with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from worker.database.errors import DatabaseError, DatabaseUnavailable
from worker.database.password_source import PasswordSource
from worker.database.pool import Connection, Database, open_connection
from worker.preflight.detect_pooler import is_pooled, refusal
from worker.preflight.errors import pooled, read_only
from worker.preflight.requirements import log_connection
from worker.preflight.session_parameters import see_session
from worker.process import errors
from worker.process.options import WorkerOptions
from worker.telemetry.cures import with_cures
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["FirstConnection"]

log = get_logger(__name__)

_TIMED_OUT = "57014"


@dataclass(slots=True)
class FirstConnection:
    """Opens a connection as often as the start is tried, and logs each fact once."""

    options: WorkerOptions
    passwords: PasswordSource
    database: Database
    _connected: bool = False
    _lost: bool = False

    @asynccontextmanager
    async def opened(self, connect_timeout: timedelta) -> AsyncIterator[Connection]:
        """Lend the connection. Raises `DatabaseRefused` if a pooler is in the way."""
        options = replace(self.options.database, connect_timeout=connect_timeout)
        entered = False
        try:
            async with open_connection(options, self.passwords) as connection:
                entered = True
                if not self._connected:
                    log_connection(options, await self.passwords.password())
                    self._connected = True
                yield connection
        except DatabaseError as error:
            if refused := refusal(error, entered=entered):
                raise refused from error
            as_set = connect_timeout == self.options.database.connect_timeout
            if as_set and not entered and isinstance(error.__cause__, TimeoutError):
                words = errors.too_slow_to_connect(error, f"{connect_timeout.total_seconds():g}")
                raise with_cures(DatabaseUnavailable(words), [words]) from error.__cause__
            raise

    async def examine(self, connection: Connection) -> None:
        """Raise what is wrong with the connection; log what a worker can do without.

        Raises `DatabaseRefused` for one that keeps no session, and `DatabaseUnavailable` for a
        server that takes no writes.
        """
        session = await see_session(connection, self.options.database)
        if await is_pooled(connection, session.process, self.database):
            raise pooled()
        if session.read_only:
            words = read_only()
            raise with_cures(DatabaseUnavailable(words), [words])
        if session.lost and not self._lost:
            log.warning(Event.DATABASE_PARAMETERS_LOST, parameters=session.lost)
            self._lost = True

    async def try_heartbeat(self) -> None:
        """Raise `DatabaseUnavailable` if Postgres answers too late for the heartbeat's deadlines.

        They are parts of the lease: with one that is too short, every beat would be late.
        """
        queue = self.options.queue
        try:
            async with self.database.dedicated(queue.beat_deadline) as connection:
                # Prepared, then run, as a beat is.
                await connection.fetchval("SELECT 1")
        except DatabaseUnavailable as error:
            if _is_late(error):
                lease = queue.lease.total_seconds()
                raise errors.lease_too_short(f"{lease:g}", error) from error
            raise


def _is_late(error: DatabaseError) -> bool:
    """Return whether a deadline of the client's or of the server's has passed."""
    cause = error.__cause__
    return isinstance(cause, TimeoutError) or getattr(cause, "sqlstate", None) == _TIMED_OUT
