"""Takes requests while there are free slots, and works on each in a task of its own."""

import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import anyio

from worker.attempt.outcome import Abandoned, Ended
from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.database.pool import Database
from worker.metrics.instruments import CLAIM_DURATION, CLAIMS
from worker.preflight.schema_watch import SchemaWatch
from worker.probes.health import Health
from worker.process.last_try import LastTries
from worker.process.refuse_requests import Refusals
from worker.process.unsure_claims import UnsureClaims
from worker.queue.claim import DueLastTry, claim, claimable_requests, due_last_try
from worker.queue.first_seen import note_requests
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.queue.queue_depth import QueueDepth, queue_depth
from worker.queue.run_progress import RunProgress
from worker.queue.wakeup import Wakeup
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Poller"]

log = get_logger(__name__)


# Seconds.
_SETTLE_PAUSE = 0.2
_DEPTH_INTERVAL = 10.0


class Poller:
    """Looks for requests and keeps count of what is in work."""

    def __init__(
        self,
        database: Database,
        options: QueueOptions,
        work: Callable[[Lease], Awaitable[object]],
        *,
        heartbeat: Heartbeat,
        wakeup: Wakeup,
        health: Health,
        watch: SchemaWatch,
        tables: RunProgress,
        last_tries: LastTries,
    ) -> None:
        self._database = database
        self._options = options
        self._do = work
        self._heartbeat = heartbeat
        self._wakeup = wakeup
        self._health = health
        self._watch = watch
        self._last_tries = last_tries
        self._refusals = Refusals(database, options)
        self._unsure = UnsureClaims(database, options, tables)
        self._in_flight: set[UUID] = set()
        self._left = True
        self._requests_wait = True
        self._answered = True
        self.last_work = anyio.current_time()
        """When a run was last taken or ended, on the event loop's clock."""
        self.depth: QueueDepth | None = None
        """How much waits and is in work, by the last look that could know it."""
        self._depth_due = 0.0
        self._has_looked = False

    @property
    def at_rest(self) -> bool:
        """Whether nothing is in work here or elsewhere, as far as the database has answered.

        Another worker may die, and a live one has to notice that.
        """
        if self._busy or self._heartbeat.others:
            return False
        return self._answered and self._heartbeat.healthy

    async def poll(self, runs: anyio.abc.TaskGroup, until: Callable[[], Awaitable[bool]]) -> None:
        """Look, work, wait, until `until` says that it is enough. Runs are tasks of `runs`."""
        while True:
            self._wakeup.begin_look()
            await self._find_unsure(runs)
            leases = await self._look()
            if leases:
                self._wakeup.found()
            for lease in leases:
                if (odd_date := lease.run.odd_date) is not None:
                    log.warning(Event.REQUEST_ODD_DATE, **lease.log_fields, started_at=odd_date)
                await self._take(lease, runs, self._work)
            if leases and self._free > 0:
                # A claim takes of one contract what it may; there may be others.
                continue
            await self._look_aside(runs)
            if self._sees_others:
                await self._heartbeat.beat_soon()
            if await until():
                return
            await self._wakeup.wait()

    async def settle(self, runs: anyio.abc.TaskGroup) -> None:
        """Give back what a last claim may have taken, whose answer got lost."""
        with anyio.move_on_after(self._unsure.patience):
            while self._unsure.any:
                await self._find_unsure(runs, work=False)
                await anyio.sleep(_SETTLE_PAUSE)

    async def requests_left(self) -> bool:
        """Return whether a request is in work, or left that could be claimed, now or later."""
        if self._busy:
            return True
        try:
            return await claimable_requests(self._database)
        except DatabaseError:
            self._answered = False
            return True

    @property
    def _busy(self) -> bool:
        return bool(self._in_flight) or self._last_tries.in_work or self._unsure.any

    @property
    def _free(self) -> int:
        return self._options.slots - len(self._in_flight)

    @property
    def _sees_others(self) -> bool:
        """Whether another worker has a run of which this idle one's heartbeat does not know yet."""
        if self._in_flight or self._heartbeat.others:
            return False
        return self.depth is not None and self.depth.in_work > 0

    async def _take(
        self, lease: Lease, runs: anyio.abc.TaskGroup, do: Callable[[Lease], Awaitable[None]]
    ) -> None:
        """Keep the lease, and do in a task what is to be done for its run."""
        await self._heartbeat.add(lease)
        self._in_flight.add(lease.token)
        self.last_work = anyio.current_time()
        runs.start_soon(self._keeping, lease, do)

    async def _keeping(self, lease: Lease, do: Callable[[Lease], Awaitable[None]]) -> None:
        try:
            await do(lease)
        finally:
            await self._heartbeat.remove(lease)
            self._in_flight.discard(lease.token)
            self.last_work = anyio.current_time()
            self._wakeup.wake()

    async def _work(self, lease: Lease) -> None:
        outcome = await self._do(lease)
        if isinstance(outcome, Abandoned) or (isinstance(outcome, Ended) and outcome.failed):
            self._watch.doubt()

    async def _give_back(self, lease: Lease) -> None:
        if not await self._unsure.give_back(lease):
            # Somebody decided the run, or cancelled it: its attempt meets that at its first write.
            await self._work(lease)

    async def _find_unsure(self, runs: anyio.abc.TaskGroup, *, work: bool = True) -> None:
        """Keep what a claim may have taken whose answer got lost, and work on it if there is room.

        Else it is given back, also while Spark is away or no slot is free.
        """
        if not self._heartbeat.healthy or not self._unsure.any:
            return
        try:
            found = await self._unsure.leases(self._in_flight)
        except DatabaseError:
            self._answered = False
            return
        for lease in found:
            room = work and self._free > 0 and self._health.session.report().ok
            await self._take(lease, runs, self._work if room else self._give_back)

    async def _look(self) -> list[Lease]:
        """Claim for the free slots; nothing while the heartbeat, Spark or the database fails."""
        self._left = self._requests_wait = True
        if self._free <= 0 or not self._heartbeat.healthy or not self._health.session.report().ok:
            return []
        if self._watch.lacking:
            self._answered = False
            return []
        if self._unsure.unanswered:
            return []
        try:
            with self._unsure.watching(), CLAIM_DURATION.time():
                leases = await claim(self._database, self._options, self._free)
            self._requests_wait = leases.requests_waited
            if not leases.requests_waited:
                self.depth = QueueDepth(0, 0.0, leases.in_work, leases.without_lease, leases.paused)
        except DatabaseError as error:
            self._answered = False
            # The pool has logged an outage.
            if not isinstance(error, DatabaseUnavailable | DatabaseConflict):
                self._watch.answered("claim", error)
            return []
        CLAIMS.inc(len(leases))
        self._watch.answered("claim", None)
        self._answered = True
        # With slots to spare and nothing in work, a claim leaves only young requests, those that
        # were begun before, and those that another worker is just claiming. Paused, it leaves all.
        paused = (claiming := self._heartbeat.claiming) is not None and claiming.paused
        self._left = bool(leases or self._in_flight or self._options.claim_delay or paused)
        return leases

    async def _look_aside(self, runs: anyio.abc.TaskGroup) -> None:
        """See to what a claim leaves, also while no slot is free; an idle worker asks nothing more.

        When requests were first seen is noted, those that can't be leased are refused, and a last
        try that is due is made in a process of its own.
        """
        if not self._requests_wait:
            self._has_looked = True
            return
        if not self._heartbeat.healthy or self._watch.lacking:
            return
        try:
            if self._left:
                first = None if self._has_looked else self._options.worker
                for request in await note_requests(self._database, first_look_of=first):
                    log.warning(
                        Event.REQUEST_ODD_DATE, **request.log_fields, started_at=request.odd_date
                    )
            self._has_looked = True
            if time.monotonic() >= self._depth_due:
                self.depth = await queue_depth(self._database)
                self._depth_due = time.monotonic() + _DEPTH_INTERVAL
            await self._refusals.look()
            if self._last_tries.may_begin and self._health.session.report().ok:
                due = await due_last_try(self._database)
                if due is not None:
                    self._last_tries.reserve()
                    runs.start_soon(self._try_apart, due)
        except DatabaseError:
            # The next claim reports what is wrong.
            self._answered = False

    async def _try_apart(self, due: DueLastTry) -> None:
        self.last_work = anyio.current_time()
        try:
            await self._last_tries.make(due)
        finally:
            self.last_work = anyio.current_time()
            self._wakeup.wake()
