"""Beats: the side of the heartbeat that renews leases, in a loop that nothing else delays."""

import functools
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import anyio

from worker.concurrency.side_loop import Home
from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.database.pool import Connection, Database, DedicatedConnection
from worker.database.sql import load_sql
from worker.queue.channels import CANCEL_CHANNEL, REQUEST_CHANNEL
from worker.queue.claiming import Claiming
from worker.queue.notifications import Notifications
from worker.queue.options import QueueOptions

__all__ = ["Beat", "Beats", "Listener", "RenewedLease", "renew"]

_BEAT = load_sql(__package__, "beat")
_REGISTER = load_sql(__package__, "register_worker")

# Parts of a lease.
_RECONNECT_PAUSE = 1 / 30
_RESCUE_JITTER = 1 / 20
# Seconds.
_SHORTEST_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class RenewedLease:
    """What a beat found about one lease."""

    run_id: str
    token: UUID
    held: bool
    """Whether the lease is still this attempt's."""
    ours: bool
    """Whether the run's row is as the claim left it."""
    cancel_requested: str | None


@dataclass(frozen=True, slots=True)
class Beat:
    """What a beat found."""

    leases: Sequence[RenewedLease]
    expired: bool
    """Whether a lease that is not kept has expired."""
    next_expiry: float | None
    """Seconds until the next lease that is not kept expires; None if there is none."""
    claiming: Claiming | None = None
    """Whether claiming is paused; None if the table has lost its row, which counts as not."""

    @property
    def others(self) -> bool:
        """Whether there is a lease that is not kept."""
        return self.expired or self.next_expiry is not None


async def renew(connection: Connection, options: QueueOptions, kept: Mapping[str, UUID]) -> Beat:
    """Renew the leases `kept`, tokens by run id, and return what else the statement found."""
    silent_after = options.silent_in_work_after if kept else options.silent_after
    tokens = [str(token) for token in kept.values()]
    rows = await connection.fetch(
        _BEAT, list(kept), tokens, options.lease, options.worker, silent_after
    )
    expired, next_expiry = rows[0]["expired"], rows[0]["next_expiry"]
    leases = [_renewed(row, kept) for row in rows if row["run_id"] is not None]
    claiming = None if rows[0]["paused"] is None else Claiming.of(rows[0])
    seconds = None if next_expiry is None else next_expiry.total_seconds()
    return Beat(leases, expired, seconds, claiming)


def _renewed(row: Any, kept: Mapping[str, UUID]) -> RenewedLease:
    run_id = row["run_id"]
    return RenewedLease(run_id, kept[run_id], row["held"], row["ours"], row["cancel_requested"])


class Listener(Protocol):
    """What the home loop does about beats. Its methods run there."""

    async def heard(self, beat: Beat, settled_at: float) -> None:
        """Act on a beat. Nothing may be taken over before `settled_at`, on the monotonic clock."""
        ...

    def failed(self, error: DatabaseError | None) -> None:
        """Note that a beat failed.

        The error is None if a connection was lost, which may be the last of an outage that is over.
        """
        ...

    def notified(self) -> None:
        """Note that one or more notifications of requests have come."""
        ...


class Beats:
    """Renews leases until cancelled. While it runs, only its own loop may call its methods."""

    def __init__(
        self,
        database: Database,
        options: QueueOptions,
        version: str,
        listener: Listener,
        slots: int,
    ) -> None:
        self._database = database
        self._options = options
        self._version = version
        self._listener = listener
        self._slots = slots
        self._kept: dict[str, UUID] = {}
        self._due = anyio.Event()
        self._last_beat: float | None = None
        self._settled_at = 0.0
        self._next_expiry: float | None = None
        self._longest_pause = options.lease.total_seconds()

    @property
    def last_beat(self) -> float | None:
        """When a beat last succeeded, on the monotonic clock. Any thread may ask."""
        return self._last_beat

    @property
    def slots(self) -> int:
        """With how many slots the worker is registered, or is about to be. Any thread may ask."""
        return self._slots

    def keep(self, run_id: str, token: UUID) -> None:
        """Renew a lease from the next beat on."""
        self._kept[run_id] = token
        if len(self._kept) == 1:
            # Until now one beat per lease was enough.
            self._due.set()

    def let_go(self, run_id: str, token: UUID) -> None:
        """Stop renewing a lease."""
        if self._kept.get(run_id) == token:
            del self._kept[run_id]

    def beat_soon(self) -> None:
        """Beat without a pause."""
        self._due.set()

    def register(self, slots: int) -> None:
        """Register the worker with so many slots at once, and whenever it connects."""
        self._slots = slots
        self._due.set()

    async def run(self, home: Home) -> None:
        """Beat until cancelled.

        Raises a `DatabaseError` other than an outage that prevents the very first beat. All others
        are reported to the listener, and the next beat is tried on a new connection.
        """
        self._due = anyio.Event()
        requests, cancels = Notifications(), Notifications()
        if self._last_beat is not None:
            # The time since the last run was a rest, not an outage.
            self._last_beat = time.monotonic()
        lease = self._options.lease.total_seconds()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(requests.act_on, functools.partial(home.ask, self._listener.notified))
            tasks.start_soon(cancels.act_on, self._cancel_arrived)
            while True:
                began = time.monotonic()
                try:
                    async with self._database.dedicated(
                        self._options.beat_deadline, home
                    ) as connection:
                        await connection.add_listener(REQUEST_CHANNEL, requests.arrived)
                        await connection.add_listener(CANCEL_CHANNEL, cancels.arrived)
                        await self._beat_until_old(connection, home)
                except DatabaseError as error:
                    outage = isinstance(error, DatabaseUnavailable | DatabaseConflict)
                    if self._last_beat is None and not outage:
                        raise
                    connected = self._last_beat is not None and self._last_beat > began
                    home.post(self._listener.failed, None if outage and connected else error)
                    await anyio.sleep(max(lease * _RECONNECT_PAUSE, _SHORTEST_PAUSE))

    async def _cancel_arrived(self) -> None:
        self.beat_soon()

    async def _beat_until_old(self, connection: DedicatedConnection, home: Home) -> None:
        age = self._database.options.connection_age.total_seconds()
        renew_at = time.monotonic() + age * random.uniform(0.8, 1)  # noqa: S311
        registered: int | None = None
        while time.monotonic() < renew_at:
            if registered != self._slots:
                registered = await self._register(connection)
            kept = dict(self._kept)
            beat = await renew(connection, self._options, kept)
            self._note(beat)
            home.post(self._listener.heard, beat, self._settled_at)
            await self._pause(kept)

    async def _register(self, connection: Connection) -> int:
        options, slots = self._options, self._slots
        await connection.execute(
            _REGISTER, options.worker, self._version, options.engine, slots, options.silent_after
        )
        return slots

    def _note(self, beat: Beat) -> None:
        now = time.monotonic()
        lease = self._options.lease.total_seconds()
        interval = self._options.beat_interval.total_seconds()
        if self._last_beat is None or now - self._last_beat > self._longest_pause + interval:
            self._settled_at = now + lease
        self._last_beat = now
        self._next_expiry = beat.next_expiry
        if beat.expired:
            # If it can't be taken over now, soon again.
            self._next_expiry = min(beat.next_expiry or lease, interval / 2)

    async def _pause(self, kept: Mapping[str, UUID]) -> None:
        """Wait for the next beat: a third of a lease, or a whole lease if the last one kept none.

        Wait for longer if no other worker has a lease either, for less if one expires before that,
        or if this worker may soon take leases over; end at once if a beat is due.
        """
        lease = self._options.lease.total_seconds()
        if self._next_expiry is None:
            wait = self._options.idle_beat_interval.total_seconds()
        else:
            # Workers that wait for the same moment do not all come at once.
            jitter = lease * _RESCUE_JITTER * random.uniform(0.1, 1)  # noqa: S311
            wait = min(lease, self._next_expiry + jitter)
        if kept:
            wait = min(wait, self._options.beat_interval.total_seconds())
        self._longest_pause = max(lease, wait)
        unsettled = self._settled_at - time.monotonic()
        if unsettled > 0:
            wait = min(wait, unsettled)
        with anyio.move_on_after(wait):
            await self._due.wait()
        if self._due.is_set():
            self._due = anyio.Event()
