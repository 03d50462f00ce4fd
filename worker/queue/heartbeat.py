"""The heartbeat: renews all leases of a worker at once, whatever else the worker does.

It starts before the first claim and stops after the last lease is closed. Its beats run in a side
loop, so that a busy main loop loses no lease (`renew_leases.py`). This is its end in the main loop,
which alone cancels attempts. While the database can't be reached the worker claims nothing; its
attempts continue, since a lease that no other worker took may be renewed.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVarTuple
from uuid import UUID

import anyio

from worker.concurrency.side_loop import SideLoop, side_loop
from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.database.pool import Database
from worker.metrics.instruments import LEASES_LOST
from worker.queue.claiming import Claiming
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.queue.renew_leases import Beat, Beats, RenewedLease
from worker.queue.vanished_schemas import stop_vanished
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Heartbeat"]

Ts = TypeVarTuple("Ts")

log = get_logger(__name__)


class Heartbeat:
    """Keeps the leases that are added to it, and calls `wake` for notifications of requests.

    `answered` is called with an error that is no outage, and with None when a beat succeeds after
    one that did not; without it, each error counts as an outage. The worker is registered with
    `slots`, by default those of `options`.
    """

    def __init__(
        self,
        database: Database,
        options: QueueOptions,
        version: str,
        wake: Callable[[], None],
        answered: Callable[[DatabaseError | None], None] | None = None,
        *,
        slots: int | None = None,
    ) -> None:
        self._database = database
        self._options = options
        self._wake = wake
        self._answered = answered
        self._beats = Beats(
            database, options, version, self, options.slots if slots is None else slots
        )
        self._side: SideLoop | None = None
        self._leases: dict[str, Lease] = {}
        self._tried = anyio.Event()
        self._beaten = anyio.Event()
        self._settled_at = 0.0
        self._found_expired = False
        self.expired = anyio.Event()
        """Set by a beat that found an expired lease; the rescue replaces the event."""
        self.others = False
        """Whether there is a lease that is not kept: of another worker, or of a broken attempt."""
        self.claiming: Claiming | None = None
        """Whether claiming was paused at the last beat, and by whom; None before the first one."""
        self.healthy = False
        """False from a beat that failed until the next that did not: claim nothing."""

    @property
    def tried(self) -> bool:
        """Whether the first beat has succeeded or failed."""
        return self._tried.is_set()

    @property
    def may_rescue(self) -> bool:
        """Whether to take anything over: not within one lease of the first beat or of an outage.

        Other workers may have been cut off too, and come back to renew their leases.
        """
        return self.healthy and time.monotonic() >= self._settled_at

    @property
    def rescue_awaited(self) -> bool:
        """Whether an expired lease is about to be taken over, once this worker may do that."""
        patience = self._options.beat_interval.total_seconds()
        return self._found_expired and time.monotonic() < self._settled_at + patience

    @property
    def age(self) -> float | None:
        """Seconds since the last beat that succeeded; None before the first."""
        last = self._beats.last_beat
        return None if last is None else time.monotonic() - last

    @property
    def slots(self) -> int:
        """The slots with which the worker is registered, or is about to be."""
        return self._beats.slots

    @property
    def kept(self) -> Mapping[str, UUID]:
        """The tokens of the leases that are kept, by run id."""
        return {run_id: lease.token for run_id, lease in self._leases.items()}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Beat until the block is left.

        The first beat was tried when the block is entered. Raises a `DatabaseError` that prevents
        it, unless that is an outage: then the worker waits for the database like after any other.
        """
        async with side_loop("heartbeat") as side:
            self._side = side
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(side.run, self._beats.run)
                    await self._tried.wait()
                    tasks.start_soon(self._look_for_vanished_schemas)
                    yield
                    tasks.cancel_scope.cancel()
            finally:
                self.healthy = False
                self._side = None

    async def add(self, lease: Lease) -> None:
        """Renew `lease` from the next beat on."""
        self._leases[lease.run.id] = lease
        await self._have(self._beats.keep, lease.run.id, lease.token)

    async def remove(self, lease: Lease) -> None:
        """Stop renewing `lease`."""
        if self._leases.get(lease.run.id) is lease:
            del self._leases[lease.run.id]
        await self._have(self._beats.let_go, lease.run.id, lease.token)

    async def register(self, slots: int) -> None:
        """Register the worker anew, with so many slots."""
        await self._have(self._beats.register, slots)

    async def beat_soon(self) -> None:
        """Beat without a pause, as after a look that has seen a run of another worker."""
        await self._have(self._beats.beat_soon)

    async def _have(self, change: Callable[[*Ts], None], *args: *Ts) -> None:
        """Have a change made where the beats run, before anything else is done."""
        if self._side is None:
            change(*args)
            return
        with anyio.CancelScope(shield=True):
            await self._side.call(change, *args)

    async def heard(self, beat: Beat, settled_at: float) -> None:
        """Act on a beat that succeeded; stop the attempts whose leases are not what they were."""
        self._settled_at = settled_at
        self.others = beat.others
        self.claiming = beat.claiming
        for renewed in beat.leases:
            await self._judge(renewed)
        self._database.report("heartbeat", None)
        if not self.healthy:
            self.healthy = True
            if self._answered is not None:
                self._answered(None)
            # Announcements are lost while no one listens: look now.
            self._wake()
        self._found_expired = beat.expired
        if beat.expired:
            self.expired.set()
        self._beaten.set()
        self._tried.set()

    def failed(self, error: DatabaseError | None) -> None:
        """Claim nothing until the next beat, and report the error."""
        self.healthy = False
        self._tried.set()
        if error is None:
            return
        outage = isinstance(error, DatabaseUnavailable | DatabaseConflict)
        if self._answered is not None and not outage:
            self._answered(error)
        else:
            self._database.report("heartbeat", error)

    def notified(self) -> None:
        """Look for requests now."""
        self._wake()

    async def _judge(self, renewed: RenewedLease) -> None:
        """Stop the attempt whose lease is not what it was."""
        lease = self._leases.get(renewed.run_id)
        if lease is None or lease.token != renewed.token or lease.closing:
            return
        if not renewed.held:
            LEASES_LOST.inc()
            log.warning(Event.LEASE_LOST, **lease.log_fields, reason="another attempt has it")
            await self.remove(lease)
        elif not renewed.ours:
            log.warning(
                Event.LEASE_OVERRULED, **lease.log_fields, reason="the run's row was changed"
            )
            await self.remove(lease)
        elif (words := renewed.cancel_requested) is not None:
            # It is renewed until its end is written.
            if lease.cancelled is None:
                log.warning(Event.RUN_CANCELLING, **lease.log_fields, reason=words)
            lease.cancelled = words
        else:
            return
        lease.scope.cancel()

    async def _look_for_vanished_schemas(self) -> None:
        """Look with each beat, in the main loop, to which the scopes of the tables belong."""
        while True:
            await self._beaten.wait()
            self._beaten = anyio.Event()
            leases = [lease for lease in self._leases.values() if lease.watched]
            if not leases:
                continue
            try:
                async with self._database.connection() as connection:
                    await stop_vanished(connection, leases)
            except DatabaseError:
                # The pool reports an outage, the watch on the schema a missing right.
                continue
