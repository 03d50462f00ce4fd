"""The heartbeat: renews all leases of a worker at once, on a connection of its own.

It starts before the first claim and stops after the last lease is closed. While it can't reach
the database the worker claims nothing; what it has goes on, since a lease that nobody took
may be renewed.
"""

import random
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import anyio

from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.database.pool import Connection, Database, DedicatedConnection
from worker.database.sql import load_sql
from worker.queue.channels import CANCEL_CHANNEL, REQUEST_CHANNEL
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Heartbeat"]

log = get_logger(__name__)

_BEAT = load_sql(__package__, "beat")
_VANISHED = load_sql(__package__, "vanished_objects")
_REGISTER = load_sql(__package__, "register_worker")

# Parts of a lease.
_RECONNECT_PAUSE = 1 / 30
_RESCUE_JITTER = 1 / 20
# Seconds.
_SHORTEST_PAUSE = 0.2


class Heartbeat:
    """Keeps the leases that are added to it, and tells `wake` of notifications.

    `answered` is called with an error that is no outage, and with None when a beat succeeds after
    one that did not; without it, each error counts as an outage.
    """

    def __init__(
        self,
        database: Database,
        options: QueueOptions,
        version: str,
        wake: Callable[[], None],
        answered: Callable[[DatabaseError | None], None] | None = None,
    ) -> None:
        self._database = database
        self._options = options
        self._version = version
        self._wake = wake
        self._answered = answered
        self._leases: dict[str, Lease] = {}
        self._due = anyio.Event()
        self._ever_registered = False
        self._last_beat = time.monotonic()
        self._next_expiry = options.lease
        self._settled_at = 0.0
        self.expired = anyio.Event()
        """Set by a beat that found an expired lease; whoever rescues it replaces the event."""
        self.others = False
        """Whether there is a lease that is not kept: of another worker, or of a broken attempt."""
        self.healthy = False
        """False from a beat that failed until the next that did not: claim nothing."""

    @property
    def may_rescue(self) -> bool:
        """Whether to take anything over: not within one lease of an outage of this worker's own.

        Others were cut off too, and come back to renew what is theirs.
        """
        return self.healthy and time.monotonic() >= self._settled_at

    @property
    def tokens(self) -> Collection[UUID]:
        """The tokens of the leases that are kept."""
        return [lease.token for lease in self._leases.values()]

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
        if len(self._leases) == 1:
            # Until now a beat a lease was enough.
            self._due.set()

    def remove(self, lease: Lease) -> None:
        """Renew `lease` no more."""
        if self._leases.get(lease.run.id) is lease:
            del self._leases[lease.run.id]

    async def _beat_for_ever(
        self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        # Who was told to rest had no outage.
        self._last_beat = time.monotonic()
        started = self._ever_registered
        if started:
            task_status.started()
        connected = False
        while True:
            try:
                async with self._database.dedicated(self._options.beat_deadline) as connection:
                    await self._register(connection)
                    async for _ in self._beats(connection):
                        connected = True
                        if not started:
                            task_status.started()
                            started = self._ever_registered = True
            except DatabaseError as error:
                if not started:
                    raise
                outage = isinstance(error, DatabaseUnavailable | DatabaseConflict)
                if self._answered is not None and not outage:
                    self._answered(error)
                # A connection that ended may be the last of an outage that is over by now.
                elif not connected:
                    self._database.tell("heartbeat", error)
                self.healthy = connected = False
                lease = self._options.lease.total_seconds()
                await anyio.sleep(max(lease * _RECONNECT_PAUSE, _SHORTEST_PAUSE))

    async def _beats(self, connection: DedicatedConnection) -> AsyncIterator[None]:
        """Beat until the connection is too old; give back after each beat."""
        age = self._database.options.connection_age.total_seconds()
        renew_at = time.monotonic() + age * random.uniform(0.8, 1)  # noqa: S311
        while time.monotonic() < renew_at:
            await self._beat(connection)
            self._set_healthy()
            yield
            await self._pause()

    def _set_healthy(self) -> None:
        now = time.monotonic()
        lease = self._options.lease.total_seconds()
        if now - self._last_beat > lease + self._options.beat_interval.total_seconds():
            self._settled_at = now + lease
        self._last_beat = now
        self._database.tell("heartbeat", None)
        if not self.healthy:
            self.healthy = True
            if self._answered is not None:
                self._answered(None)
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
        await connection.add_listener(REQUEST_CHANNEL, lambda *_: self._wake())
        await connection.add_listener(CANCEL_CHANNEL, lambda *_: self._due.set())

    async def _pause(self) -> None:
        """Wait for the next beat: a third of a lease, or a whole one while there is none.

        Sooner when a lease of another worker's expires before that, and at once when told.
        """
        lease = self._options.lease.total_seconds()
        regular = self._options.beat_interval.total_seconds() if self._leases else lease
        # Workers that wait for the same moment do not all come at once.
        jitter = lease * _RESCUE_JITTER * random.uniform(0.1, 1)  # noqa: S311
        expiry = self._next_expiry.total_seconds() + jitter
        with anyio.move_on_after(min(regular, expiry)):
            await self._due.wait()
        if self._due.is_set():
            self._due = anyio.Event()

    async def _beat(self, connection: Connection) -> None:
        leases = dict(self._leases)
        rows = await connection.fetch(
            _BEAT,
            [lease.run.id for lease in leases.values()],
            [lease.token for lease in leases.values()],
            self._options.lease,
            self._options.worker,
        )
        next_expiry, expired = rows[0]["next_expiry"], rows[0]["expired"]
        self.others = expired or next_expiry is not None
        self._next_expiry = next_expiry or self._options.lease
        for row in rows:
            if row["run_id"] is not None:
                self._judge(leases[row["run_id"]], row)
        await self._look_for_vanished(connection, list(leases.values()))
        if expired:
            # Where it can't be taken over now, soon again.
            self._next_expiry = min(self._next_expiry, self._options.beat_interval / 2)
            self.expired.set()

    def _judge(self, lease: Lease, row: Any) -> None:
        """Stop the attempt whose lease is not what it was."""
        if lease.closing:
            return
        if not row["held"]:
            log.warning(Event.LEASE_LOST, run=lease.run.id, reason="another attempt has it")
            self.remove(lease)
        elif not row["ours"]:
            log.warning(Event.LEASE_OVERRULED, run=lease.run.id, reason="the run's row was changed")
            self.remove(lease)
        elif row["cancel_requested"] is not None:
            # It is renewed until its end is written.
            if lease.cancelled is None:
                log.warning(Event.RUN_CANCELLING, run=lease.run.id, reason=row["cancel_requested"])
            lease.cancelled = row["cancel_requested"]
        else:
            return
        lease.scope.cancel()

    async def _look_for_vanished(self, connection: Connection, leases: Sequence[Lease]) -> None:
        """Stop what is done for schemas that their contracts no longer have."""
        watched = [(lease.run.contract_id, name) for lease in leases for name in lease.watched]
        if not watched:
            return
        contracts, names = zip(*sorted(set(watched)), strict=True)
        rows = await connection.fetch(_VANISHED, list(contracts), list(names))
        gone = {(row["contract_id"], row["name"]) for row in rows}
        for lease in leases:
            for name, scope in lease.watched.items():
                if (lease.run.contract_id, name) in gone:
                    scope.cancel()
