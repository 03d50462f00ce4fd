"""Watches that the tables and rights that a worker needs are still there."""

from collections.abc import Awaitable, Callable

import anyio

from worker.database.errors import (
    BackendTooNew,
    DatabaseConflict,
    DatabaseError,
    DatabaseRefused,
    DatabaseUnavailable,
    SchemaVersionError,
)
from worker.database.options import DatabaseOptions
from worker.database.pool import Connection, Database
from worker.preflight.requirements import check_backend, check_database
from worker.probes.health import Part
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["SchemaWatch"]

log = get_logger(__name__)

# Seconds between two examinations: regularly, while something is missing, and at least. A regular
# one is rare, for an idle worker should hardly be felt: claims meet most of what is missing.
_REGULAR = 120.0
_MISSING = 2.0
_LEAST = 0.5


class SchemaWatch:
    """Repeats the examination of the start, and reports to the log and to `part` of the health.

    A backend may drop its schema and make it anew, with the worker's rights gone. A claim does not
    notice all of it: the right to write suggestions is needed only at the end of a table.
    """

    def __init__(self, database: Database, part: Part, wake: Callable[[], None]) -> None:
        self._database = database
        self._part = part
        self._wake = wake
        self._due = anyio.Event()
        self._refusals: dict[str, DatabaseError] = {}
        self._reported = False
        self.lacking = False
        """Whether a table or a right is missing: claim nothing."""
        self.migrations_pending = 0
        """How many migrations the worker's own schema lacked when it was last examined."""

    def doubt(self) -> None:
        """Examine soon, because a run has failed that may have met a missing table or right."""
        self._due.set()

    def answered(self, asker: str, refusal: DatabaseError | None) -> None:
        """Take note of what Postgres last answered the heartbeat or the claim; None is a success.

        A refusal is examined soon, and reported if nothing is found missing.
        """
        if refusal is not None:
            self._refusals[asker] = refusal
            self._due.set()
        elif self._refusals.pop(asker, None) is not None and not self.lacking:
            self._report(self._unexplained)

    @property
    def _unexplained(self) -> DatabaseError | None:
        return next(iter(self._refusals.values()), None)

    async def run(self) -> None:
        """Examine until cancelled."""
        while True:
            await anyio.sleep(_LEAST)
            with anyio.move_on_after((_MISSING if self._reported else _REGULAR) - _LEAST):
                await self._due.wait()
            doubted = self._due.is_set() or self._reported
            self._due = anyio.Event()
            await self._examine(check_database if doubted else check_backend)

    async def _examine(
        self, check: Callable[[Connection, DatabaseOptions], Awaitable[None]]
    ) -> None:
        missing: DatabaseError | None = None
        try:
            async with self._database.connection() as connection:
                try:
                    await check(connection, self._database.options)
                except (DatabaseRefused, BackendTooNew, SchemaVersionError) as error:
                    missing = error
        except (DatabaseUnavailable, DatabaseConflict):
            # The pool has reported it.
            return
        except DatabaseError as error:
            # The login itself is refused, or the examination: no word on tables and rights.
            self._refusals.clear()
            self._database.report("examination", error)
            return
        self._database.report("examination", None)
        self.lacking = missing is not None
        old = missing if isinstance(missing, SchemaVersionError) else None
        self.migrations_pending = old.pending if old else 0
        if missing is not None:
            # It explains what was refused before.
            self._refusals.clear()
        self._report(missing or self._unexplained)

    def _report(self, error: DatabaseError | None) -> None:
        if error is not None:
            self._part.unwell(str(error))
            if not self._reported:
                log.warning(Event.SCHEMA_UNUSABLE, error=str(error))
        else:
            self._part.well()
            if self._reported:
                log.info(Event.SCHEMA_USABLE)
                self._wake()
        self._reported = error is not None
