"""The worker: builds its parts, claims requests while it has free slots, and drains at the end."""

import functools
import random
import time
from dataclasses import dataclass
from uuid import UUID

import anyio

from worker import __version__
from worker.attempt.attempt import Attempts
from worker.attempt.ledger import Ledger
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseRefused,
    DatabaseUnavailable,
)
from worker.database.migrate import migrate
from worker.database.pool import Database
from worker.process.health import Health
from worker.process.options import IdleOptions, WorkerOptions
from worker.process.passwords import open_passwords
from worker.process.preflight import check_database, reach_workspace, tell_connection, tell_tables
from worker.process.probes import serve_probes
from worker.process.signals import Stop, watch_signals
from worker.process.upkeep import Upkeep
from worker.profiling import errors
from worker.profiling.breakdown import Cause
from worker.profiling.errors import EngineError
from worker.profiling.profiler import OpenProfiler, Profiler, TableProfiler
from worker.queue.claim import claim, claimable_requests, unknown_leases
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.wakeup import Wakeup
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["WorkerEnd", "run_worker"]

log = get_logger(__name__)

_LAST_WRITES = 5.0
"""Seconds of the grace period that are kept for giving runs back."""
_HEALTH_INTERVAL = 0.5


@dataclass(frozen=True, slots=True)
class WorkerEnd:
    """How a worker ended: by a signal, whose exit code is `stopped`, or by what broke."""

    stopped: int
    error: EngineError | None
    hanging: bool
    """Threads hang in Spark: the process has to end without waiting for them."""


async def run_worker(
    options: WorkerOptions, *, drain: bool, open_profiler: OpenProfiler = Profiler.open
) -> WorkerEnd:
    """Work on requests until a signal, or with `drain` until none is left; return how it ended.

    `open_profiler` makes what profiles tables. Raises what keeps a worker from starting:
    `DatabaseError`, `EngineError`, `ProbesUnavailable`.
    """
    began = time.monotonic()
    stop = Stop()
    health = Health()
    log.info(
        Event.WORKER_STARTING,
        version=__version__,
        worker=options.queue.worker,
        engine=options.profiling.engine,
    )
    async with anyio.create_task_group() as tasks:
        await tasks.start(functools.partial(watch_signals, stop))
        # First of all, so that a supervisor hears of a start that takes long.
        if options.probes:
            await tasks.start(serve_probes, options.probes, health)
        async with open_passwords(options.credentials, options.workspace) as passwords:
            if options.migrate:
                await migrate(options.database, passwords)
            async with Database.open(options.database, passwords) as database:
                tell_connection(options.database, await passwords.password())
                async with database.connection() as connection:
                    health.database.well()
                    await check_database(connection, options.database)
                health.schema.well()
                tell_tables(options.profiling)
                # Before Spark: who is set up wrongly is told sooner.
                client = await reach_workspace(options.workspace)
                async with open_profiler(options.profiling, client) as profiler:
                    health.session.well()
                    worker = _Worker(options, database, profiler, stop, health, drain=drain)
                    await worker.run(began)
        tasks.cancel_scope.cancel()
    log.info(Event.WORKER_STOPPED, worker=options.queue.worker)
    return WorkerEnd(stop.exit_code, worker.broken, hanging=profiler.stuck > 0)


class _Worker:
    """What lives while requests are taken: the heartbeat, the poller and the runs in flight."""

    def __init__(
        self,
        options: WorkerOptions,
        database: Database,
        profiler: TableProfiler,
        stop: Stop,
        health: Health,
        *,
        drain: bool,
    ) -> None:
        self._options = options
        self._database = database

        async def warm() -> TableProfiler:
            return profiler

        ledger = Ledger(options.attempt.summary_limit)
        self._attempts = Attempts(warm, options.attempt, options.queue, ledger)
        self._profiler = profiler
        self._stop = stop
        self._health = health
        self._drain = drain
        self._wakeup = Wakeup(options.queue.poll_interval)
        self._heartbeat = Heartbeat(database, options.queue, __version__, self._wakeup.wake)
        self._upkeep = Upkeep(
            database,
            queue=options.queue,
            retention=options.retention,
            tables=ledger,
            heartbeat=self._heartbeat,
            wake=self._wakeup.wake,
        )
        self._in_flight: set[UUID] = set()
        self._alone = False
        self._answered = True
        self._claim_unsure = False
        self.broken: EngineError | None = None
        """Why nothing more can be profiled in this process."""
        self._last_work = anyio.current_time()
        self._told_ready = False
        self._asleep = False

    async def run(self, began: float) -> None:
        """Take requests until it is time to stop, then wait for the runs in flight."""
        async with anyio.create_task_group() as watching:
            watching.start_soon(self._watch_health)
            watching.start_soon(self._stop_when_broken)
            watching.start_soon(self._wake_when_stopped)
            while True:
                async with self._heartbeat.running(), anyio.create_task_group() as keeping:
                    keeping.start_soon(self._upkeep.run)
                    async with anyio.create_task_group() as runs:
                        if not self._told_ready:
                            self._tell_ready(began)
                        await self._poll(runs)
                        if self._stop.asked.is_set():
                            patience = self._options.grace.total_seconds() - _LAST_WRITES
                            runs.cancel_scope.deadline = anyio.current_time() + patience
                    keeping.cancel_scope.cancel()
                if self._options.idle is None or self._drain or self._stop.asked.is_set():
                    break
                await self._sleep(self._options.idle)
            # Not before the runs have ended: they are inside this scope too.
            watching.cancel_scope.cancel()

    def _tell_ready(self, began: float) -> None:
        self._told_ready = True
        self._health.claiming.well()
        log.info(
            Event.WORKER_READY,
            worker=self._options.queue.worker,
            seconds=round(time.monotonic() - began, 1),
        )

    async def _sleep(self, idle: IdleOptions) -> None:
        """Close every connection and wait for the next look, or for the end."""
        interval = idle.interval.total_seconds()
        if not self._asleep:
            self._asleep = True
            log.info(Event.WORKER_SLEEPING, interval_s=interval)
        await self._database.rest()
        with anyio.move_on_after(interval * random.uniform(0.8, 1)):  # noqa: S311
            await self._stop.asked.wait()

    async def _watch_health(self) -> None:
        """Say what has happened in the last moment; nothing is asked of the database for it."""
        while True:
            if self._heartbeat.healthy or self._asleep:
                self._health.leases.well()
            else:
                self._health.leases.unwell("the last heartbeat failed")
            if (failure := self._database.failure) is not None:
                self._health.database.unwell(str(failure))
            else:
                self._health.database.well()
            await anyio.sleep(_HEALTH_INTERVAL)

    async def _stop_when_broken(self) -> None:
        """Stop like after a signal: what is in work may end, the rest is given back."""
        breakdown = self._profiler.breakdown
        await breakdown.happened.wait()
        match breakdown.cause:
            case Cause.STUCK_THREADS:
                limit = self._options.profiling.stuck_limit
                self.broken = errors.threads_stuck(self._profiler.stuck, limit)
            case _:
                self.broken = errors.session_lost()
        part = (
            self._health.threads if breakdown.cause is Cause.STUCK_THREADS else self._health.session
        )
        part.unwell(str(self.broken))
        log.error(Event.WORKER_BROKEN, error=str(self.broken))
        self._stop.asked.set()

    async def _wake_when_stopped(self) -> None:
        await self._stop.asked.wait()
        self._profiler.hurry()
        self._health.claiming.unwell("the worker is draining")
        log.info(Event.WORKER_DRAINING, reason=self._stop.reason)
        self._wakeup.wake()

    async def _poll(self, runs: anyio.abc.TaskGroup) -> None:
        while not self._stop.asked.is_set():
            self._wakeup.begin_look()
            leases = await self._look()
            if leases:
                self._found_work()
            for lease in leases:
                self._heartbeat.add(lease)
                self._in_flight.add(lease.token)
                self._alone |= lease.alone
                runs.start_soon(self._work, lease)
            if leases and self._free > 0:
                # A claim takes of one contract what it may; there may be others.
                continue
            if self._drain and not self._in_flight and not await self._requests_left():
                return
            if self._is_idle():
                return
            await self._wakeup.wait(found=bool(leases))

    @property
    def _free(self) -> int:
        """How many runs may be taken now: none beside one that may kill this process."""
        return 0 if self._alone else self._options.queue.slots - len(self._in_flight)

    def _found_work(self) -> None:
        self._last_work = anyio.current_time()
        if self._asleep:
            self._asleep = False
            log.info(Event.WORKER_AWAKE)

    def _is_idle(self) -> bool:
        """Tell whether to let the database go: only after a look that the database answered.

        And only while no other worker is at work, which may die: somebody has to see that.
        """
        idle = self._options.idle
        if idle is None or self._in_flight or self._heartbeat.others:
            return False
        if not (self._answered and self._heartbeat.healthy):
            return False
        return anyio.current_time() - self._last_work > idle.after.total_seconds()

    async def _work(self, lease: Lease) -> None:
        try:
            await self._attempts.work(lease)
        finally:
            self._heartbeat.remove(lease)
            self._in_flight.discard(lease.token)
            self._alone = False if lease.alone else self._alone
            self._last_work = anyio.current_time()
            self._wakeup.wake()

    async def _look(self) -> list[Lease]:
        """Claim for the free slots; nothing while the heartbeat or the database is in trouble."""
        if self._free <= 0 or not self._heartbeat.healthy:
            return []
        queue = self._options.queue
        try:
            if self._claim_unsure:
                leases = await unknown_leases(self._database, queue, self._in_flight)
                self._claim_unsure = False
                if leases:
                    return leases
            self._claim_unsure = True
            leases = await claim(self._database, queue, self._free)
        except DatabaseError as error:
            self._answered = False
            if not isinstance(error, DatabaseUnavailable | DatabaseRefused | DatabaseConflict):
                # Of the others the pool has told.
                self._database.tell("claim", error)
                self._health.schema.unwell(str(error))
            return []
        self._database.tell("claim", None)
        self._health.schema.well()
        self._claim_unsure = False
        self._answered = True
        return leases

    async def _requests_left(self) -> bool:
        try:
            return await claimable_requests(self._database)
        except DatabaseError:
            self._answered = False
            return True
