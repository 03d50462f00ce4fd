"""The database at the start of a process: waited for if it is away, migrated if asked, examined."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import anyio

from worker.concurrency.backoff import doubling, jittered
from worker.credentials.passwords import open_passwords
from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.database.grants import grant
from worker.database.migrate import migrate
from worker.database.password_source import PasswordSource
from worker.database.pool import Database
from worker.preflight.requirements import check_database
from worker.process import errors
from worker.process.first_connection import FirstConnection
from worker.process.options import WorkerOptions
from worker.telemetry.cures import with_cures
from worker.workspace.errors import WorkspaceRefused

__all__ = ["ready_database"]

# Seconds.
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_SHORTEST_CONNECT = timedelta(seconds=1)


def _ignore(_: DatabaseError | None) -> None:
    """Do nothing with the outcome of a try."""


@asynccontextmanager
async def ready_database(
    options: WorkerOptions, report: Callable[[DatabaseError | None], None] = _ignore
) -> AsyncIterator[Database]:
    """Open the database of a worker, wait until it is ready, and close it at the end.

    `report` is called with the error of each try that found Postgres away, and with None in the
    end. Raises `DatabaseUnavailable` if the wait lasts longer than the start's patience, and what
    is wrong with the set-up at once.
    """
    async with (
        open_passwords(options.credentials, options.workspace) as passwords,
        Database.open(options.database, passwords, proved=False) as database,
    ):
        await _Start(options, passwords, report).prepare(database)
        yield database


@dataclass(slots=True)
class _Start:
    """What a process does with its database before anything else, again until it succeeds."""

    options: WorkerOptions
    passwords: PasswordSource
    report: Callable[[DatabaseError | None], None]

    async def prepare(self, database: Database) -> None:
        """Return when Postgres answers and holds what a worker needs."""
        patience = self.options.start_patience.total_seconds()
        first = FirstConnection(self.options, self.passwords, database)
        began = time.monotonic()
        for pause in doubling(_FIRST_PAUSE, _LONGEST_PAUSE):
            try:
                await self._try(first, patience - (time.monotonic() - began))
            except (DatabaseUnavailable, DatabaseConflict) as error:
                waited = time.monotonic() - began
                if not patience or _refused(error):
                    raise
                self.report(error)
                database.report("start", error, patience_s=patience)
                if waited + pause > patience:
                    words = errors.away_at_start(f"{waited:.0f}", error)
                    raise with_cures(type(error)(words), [words]) from error
            else:
                self.report(None)
                database.report("start", None)
                return
            await anyio.sleep(jittered(pause))

    async def _try(self, first: FirstConnection, left: float) -> None:
        options = self.options.database
        timeout = options.connect_timeout
        if self.options.start_patience:
            # A server that does not answer is not waited for beyond the patience.
            timeout = min(timeout, max(timedelta(seconds=left), _SHORTEST_CONNECT))
        async with first.opened(timeout) as connection:
            await first.examine(connection)
            await first.try_heartbeat()
            if self.options.migrate:
                await migrate(options, self.passwords)
                await grant(options, self.passwords)
            await check_database(connection, options)


def _refused(error: BaseException | None) -> bool:
    """Return whether the workspace refuses a token for good."""
    while error is not None:
        if isinstance(error, WorkspaceRefused):
            return True
        error = error.__cause__
    return False
