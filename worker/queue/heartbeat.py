"""The heartbeat: renews all leases of a worker at once, on a connection of its own.

It starts before the first claim and stops after the last lease is closed. While it can't reach
the database the worker claims nothing; what it has goes on, since a lease that nobody took
may be renewed.
"""

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio

from worker.database.errors import DatabaseError
from worker.database.pool import Connection, Database, DedicatedConnection
from worker.database.sql import load_sql
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Heartbeat"]

log = get_logger(__name__)

_BEAT = load_sql(__package__, "beat")
_REGISTER = load_sql(__package__, "register_worker")
_RECONNECT_PAUSE = 1.0

CHANNEL = "dqx_worker_request"
"""Whoever inserts a request may NOTIFY it; the worker then looks at once."""


class Heartbeat:
    """Keeps the leases that are added to it, and tells `wake` of notifications."""

    def __init__(
        self, database: Database, options: QueueOptions, version: str, wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._options = options
        self._version = version
        self._wake = wake
        self._leases: dict[str, Lease] = {}
        self._changed = anyio.Event()
        self._ever_registered = False
        self._reachable = True
        self.healthy = False
        """False from a beat that failed until the next that did not: claim nothing."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Beat until the block is left.

        The first time the first beat is over when it is entered, and raises what keeps it from
        being so; a later time an outage is waited for like any other.
        """
        async with anyio.create_task_group() as tasks:
            await tasks.start(self._beat_for_ever)
            try:
                yield
            finally:
                self.healthy = False
                tasks.cancel_scope.cancel()

    def add(self, lease: Lease) -> None:
        """Renew `lease` from the next beat on."""
        self._leases[lease.run.id] = lease
        self._changed.set()

    def remove(self, lease: Lease) -> None:
        """Renew `lease` no more."""
        if self._leases.get(lease.run.id) is lease:
            del self._leases[lease.run.id]

    async def _beat_for_ever(
        self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        started = self._ever_registered
        if started:
            task_status.started()
        while True:
            try:
                async with self._database.dedicated() as connection:
                    await self._register(connection)
                    self._set_healthy()
                    if not started:
                        task_status.started()
                        started = self._ever_registered = True
                    await self._beat_on(connection)
            except DatabaseError as error:
                if not started:
                    raise
                if self._reachable:
                    log.warning(Event.DATABASE_UNAVAILABLE, error=str(error))
                self.healthy = self._reachable = False
                await anyio.sleep(_RECONNECT_PAUSE)

    async def _beat_on(self, connection: DedicatedConnection) -> None:
        """Beat until the connection is too old."""
        age = self._database.options.connection_age.total_seconds()
        renew_at = time.monotonic() + age * random.uniform(0.8, 1)  # noqa: S311
        while time.monotonic() < renew_at:
            await self._pause()
            await self._beat(connection)
            self._set_healthy()

    def _set_healthy(self) -> None:
        self._reachable = True
        if not self.healthy:
            self.healthy = True
            # What was announced while nobody listened is lost: look now.
            self._wake()

    async def _register(self, connection: DedicatedConnection) -> None:
        await connection.execute(
            _REGISTER,
            self._options.worker,
            self._version,
            self._options.engine,
            self._options.slots,
        )
        await connection.add_listener(CHANNEL, lambda *_: self._wake())

    async def _pause(self) -> None:
        """Wait for the next beat: a third of a lease, or a whole one while there is none."""
        if not self._leases:
            with anyio.move_on_after(self._options.lease.total_seconds()):
                self._changed = anyio.Event()
                await self._changed.wait()
        if self._leases:
            await anyio.sleep(self._options.beat_interval.total_seconds())

    async def _beat(self, connection: Connection) -> None:
        leases = dict(self._leases)
        rows = await connection.fetch(
            _BEAT,
            [lease.run.id for lease in leases.values()],
            [lease.token for lease in leases.values()],
            self._options.lease,
            self._options.worker,
        )
        for row in rows:
            lease = leases[row["run_id"]]
            if lease.closing:
                continue
            if not row["held"]:
                log.warning(Event.LEASE_LOST, run=lease.run.id, reason="another attempt has it")
            elif not row["ours"]:
                log.warning(
                    Event.LEASE_OVERRULED, run=lease.run.id, reason="the run's row was changed"
                )
            else:
                continue
            self.remove(lease)
            lease.scope.cancel()
