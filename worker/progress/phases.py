"""Writes in which phases the tables of a run are, without holding up the tables."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Self

import anyio

from worker.database.errors import DatabaseError
from worker.database.outage import through_outages
from worker.progress import table_progress
from worker.progress.table_progress import Phase
from worker.queue.lease import Lease
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Phases"]

log = get_logger(__name__)


class Phases:
    """The latest phase of each table is written, those of several tables in one statement.

    A phase is for people who look. A table goes on while it is written, since a database may be
    far away; and if the lease is lost, nothing is written: the table's own writes find that out.
    """

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._entered: dict[str, Phase] = {}
        self._due = anyio.Event()

    @classmethod
    @asynccontextmanager
    async def written(cls, lease: Lease) -> AsyncIterator[Self]:
        """Write the phases that are entered while the block runs."""
        phases = cls(lease)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(phases._write_for_ever)
            yield phases
            tasks.cancel_scope.cancel()

    def enter(self, schema_name: str, phase: Phase) -> None:
        """Have a table's phase written soon."""
        self._entered[schema_name] = phase
        self._due.set()

    async def _write_for_ever(self) -> None:
        while True:
            await self._due.wait()
            self._due = anyio.Event()
            entered, self._entered = self._entered, {}
            try:
                await through_outages(partial(self._write, entered))
            # The tables go on: what they write themselves shows whether it is taken.
            except DatabaseError as error:
                log.warning(Event.PHASES_NOT_WRITTEN, error=str(error))

    async def _write(self, entered: Mapping[str, Phase]) -> None:
        async with self._lease.database.connection() as connection:
            await table_progress.enter(connection, self._lease, entered)
