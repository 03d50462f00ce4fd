"""Takes requests while there are free slots, and works on each in a task of its own."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import anyio

from worker.attempt.outcome import Abandoned, Ended
from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.database.pool import Database
from worker.process.health import Health
from worker.process.schema_watch import SchemaWatch
from worker.queue.claim import claim, claimable_requests, unknown_leases
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.queue.seen import note_requests
from worker.queue.wakeup import Wakeup
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Poller"]

log = get_logger(__name__)


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
    ) -> None:
        self._database = database
        self._options = options
        self._do = work
        self._heartbeat = heartbeat
        self._wakeup = wakeup
        self._health = health
        self._watch = watch
        self._in_flight: set[UUID] = set()
        self._alone = False
        self._claim_unsure = False
        self._left = True
        self._answered = True
        self.last_work = anyio.current_time()
        """When a run was last taken or ended, on the event loop's clock."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing is in work here or elsewhere, as far as the database has told.

        Elsewhere somebody may die, and somebody has to see that.
        """
        if self._in_flight or self._heartbeat.others:
            return False
        return self._answered and self._heartbeat.healthy

    async def poll(self, runs: anyio.abc.TaskGroup, until: Callable[[], Awaitable[bool]]) -> None:
        """Look, work, wait, until `until` says that it is enough. Runs are tasks of `runs`."""
        while True:
            self._wakeup.begin_look()
            leases = await self._look()
            if leases:
                self._wakeup.found()
            for lease in leases:
                await self._heartbeat.add(lease)
                self._in_flight.add(lease.token)
                self._alone |= lease.alone
                if (odd_date := lease.run.odd_date) is not None:
                    log.warning(Event.REQUEST_ODD_DATE, run=lease.run.id, started_at=odd_date)
                self.last_work = anyio.current_time()
                runs.start_soon(self._work, lease)
            if leases and self._free > 0:
                # A claim takes of one contract what it may; there may be others.
                continue
            await self._note_requests()
            if await until():
                return
            await self._wakeup.wait()

    async def requests_left(self) -> bool:
        """Tell whether a request is in work, or left that could be claimed, now or later."""
        if self._in_flight:
            return True
        try:
            return await claimable_requests(self._database)
        except DatabaseError:
            self._answered = False
            return True

    @property
    def _free(self) -> int:
        """How many runs may be taken now: none beside one that may kill this process."""
        return 0 if self._alone else self._options.slots - len(self._in_flight)

    async def _work(self, lease: Lease) -> None:
        try:
            outcome = await self._do(lease)
            if isinstance(outcome, Abandoned) or (isinstance(outcome, Ended) and outcome.failed):
                self._watch.doubt()
        finally:
            await self._heartbeat.remove(lease)
            self._in_flight.discard(lease.token)
            self._alone = self._alone and not lease.alone
            self.last_work = anyio.current_time()
            self._wakeup.wake()

    async def _look(self) -> list[Lease]:
        """Claim for the free slots; nothing while the heartbeat, Spark or the database fails."""
        self._left = True
        if self._free <= 0 or not self._heartbeat.healthy or not self._health.session.report().ok:
            return []
        if self._watch.lacking:
            self._answered = False
            return []
        try:
            leases = await self._claim()
        except DatabaseError as error:
            self._answered = False
            # Of an outage the pool has told.
            if not isinstance(error, DatabaseUnavailable | DatabaseConflict):
                self._watch.answered("claim", error)
            return []
        self._watch.answered("claim", None)
        self._answered = True
        # With slots to spare and nothing in work, a claim leaves only young requests, those that
        # were begun before, and those that another worker is just claiming.
        self._left = bool(leases or self._in_flight or self._options.claim_delay)
        return leases

    async def _note_requests(self) -> None:
        """Note when what was not claimed was first seen, also while no slot is free."""
        if not self._left or not self._heartbeat.healthy or self._watch.lacking:
            return
        try:
            for run_id, odd_date in await note_requests(self._database):
                log.warning(Event.REQUEST_ODD_DATE, run=run_id, started_at=odd_date)
        except DatabaseError:
            # The next claim reports what is wrong.
            self._answered = False

    async def _claim(self) -> list[Lease]:
        """Claim; but what an earlier claim may have taken, whose answer got lost, comes first."""
        if self._claim_unsure:
            found = await unknown_leases(self._database, self._options, self._in_flight)
            self._claim_unsure = False
            if found:
                return found
        self._claim_unsure = True
        leases = await claim(self._database, self._options, self._free)
        self._claim_unsure = False
        return leases
