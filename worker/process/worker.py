"""The worker: builds its parts, claims requests while it has free slots, and drains at the end."""

import functools
import random
import time

import anyio

from worker import __version__
from worker.attempt.attempt import Attempts
from worker.database.errors import DatabaseError
from worker.database.migrate import migrate
from worker.database.pool import Database
from worker.process.options import IdleOptions, WorkerOptions
from worker.process.passwords import open_passwords
from worker.process.preflight import check_database, reach_workspace, tell_connection, tell_tables
from worker.process.signals import Stop, watch_signals
from worker.profiling.profiler import OpenProfiler, Profiler, TableProfiler
from worker.queue.claim import claim, claimable_requests
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.wakeup import Wakeup
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["run_worker"]

log = get_logger(__name__)

_LAST_WRITES = 5.0
"""Seconds of the grace period that are kept for giving runs back."""


async def run_worker(
    options: WorkerOptions, *, drain: bool, open_profiler: OpenProfiler = Profiler.open
) -> int:
    """Work on requests until a signal, or with `drain` until none is left; return the exit code.

    `open_profiler` makes what profiles tables. Raises what keeps a worker from starting:
    `DatabaseError`, `EngineError`.
    """
    began = time.monotonic()
    stop = Stop()
    log.info(
        Event.WORKER_STARTING,
        version=__version__,
        worker=options.queue.worker,
        engine=options.profiling.engine,
    )
    async with anyio.create_task_group() as tasks:
        await tasks.start(functools.partial(watch_signals, stop))
        async with open_passwords(options.credentials, options.workspace) as passwords:
            if options.migrate:
                await migrate(options.database, passwords)
            async with Database.open(options.database, passwords) as database:
                tell_connection(options.database, await passwords.password())
                async with database.connection() as connection:
                    await check_database(connection, options.database)
                tell_tables(options.profiling)
                # Before Spark: who is set up wrongly is told sooner.
                client = await reach_workspace(options.workspace)
                async with open_profiler(options.profiling, client) as profiler:
                    worker = _Worker(options, database, profiler, stop, drain=drain)
                    await worker.run(began)
        tasks.cancel_scope.cancel()
    log.info(Event.WORKER_STOPPED, worker=options.queue.worker)
    return stop.exit_code


class _Worker:
    """What lives while requests are taken: the heartbeat, the poller and the runs in flight."""

    def __init__(
        self,
        options: WorkerOptions,
        database: Database,
        profiler: TableProfiler,
        stop: Stop,
        *,
        drain: bool,
    ) -> None:
        self._options = options
        self._database = database

        async def warm() -> TableProfiler:
            return profiler

        self._attempts = Attempts(warm, options.attempt)
        self._stop = stop
        self._drain = drain
        self._wakeup = Wakeup(options.queue.poll_interval)
        self._heartbeat = Heartbeat(database, options.queue, __version__, self._wakeup.wake)
        self._in_flight = 0
        self._reachable = True
        self._last_work = anyio.current_time()
        self._told_ready = False
        self._asleep = False

    async def run(self, began: float) -> None:
        """Take requests until it is time to stop, then wait for the runs in flight."""
        async with anyio.create_task_group() as watching:
            watching.start_soon(self._wake_when_stopped)
            while True:
                async with self._heartbeat.running(), anyio.create_task_group() as runs:
                    if not self._told_ready:
                        self._tell_ready(began)
                    await self._poll(runs)
                    if self._stop.asked.is_set():
                        patience = self._options.grace.total_seconds() - _LAST_WRITES
                        runs.cancel_scope.deadline = anyio.current_time() + patience
                if self._options.idle is None or self._drain or self._stop.asked.is_set():
                    break
                await self._sleep(self._options.idle)
            # Not before the runs have ended: they are inside this scope too.
            watching.cancel_scope.cancel()

    def _tell_ready(self, began: float) -> None:
        self._told_ready = True
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

    async def _wake_when_stopped(self) -> None:
        await self._stop.asked.wait()
        log.info(Event.WORKER_DRAINING, reason=self._stop.received and self._stop.received.name)
        self._wakeup.wake()

    async def _poll(self, runs: anyio.abc.TaskGroup) -> None:
        while not self._stop.asked.is_set():
            self._wakeup.begin_look()
            leases = await self._look()
            if leases:
                self._found_work()
            for lease in leases:
                self._heartbeat.add(lease)
                self._in_flight += 1
                runs.start_soon(self._work, lease)
            if self._drain and self._in_flight == 0 and not await self._requests_left():
                return
            if self._is_idle():
                return
            await self._wakeup.wait(found=bool(leases))

    def _found_work(self) -> None:
        self._last_work = anyio.current_time()
        if self._asleep:
            self._asleep = False
            log.info(Event.WORKER_AWAKE)

    def _is_idle(self) -> bool:
        """Tell whether to let the database go: only after a look that the database answered."""
        idle = self._options.idle
        if idle is None or self._in_flight or not (self._reachable and self._heartbeat.healthy):
            return False
        return anyio.current_time() - self._last_work > idle.after.total_seconds()

    async def _work(self, lease: Lease) -> None:
        try:
            await self._attempts.work(lease)
        finally:
            self._heartbeat.remove(lease)
            self._in_flight -= 1
            self._last_work = anyio.current_time()
            self._wakeup.wake()

    async def _look(self) -> list[Lease]:
        """Claim for the free slots; nothing while the heartbeat or the database is in trouble."""
        free = self._options.queue.slots - self._in_flight
        if free <= 0 or not self._heartbeat.healthy:
            return []
        try:
            leases = await claim(self._database, self._options.queue, free)
        except DatabaseError as error:
            self._tell_reachable(error)
            return []
        self._tell_reachable(None)
        return leases

    async def _requests_left(self) -> bool:
        try:
            return await claimable_requests(self._database)
        except DatabaseError as error:
            self._tell_reachable(error)
            return True

    def _tell_reachable(self, error: DatabaseError | None) -> None:
        """Log the first failure of a row of failures, and the end of it."""
        if error is not None and self._reachable:
            log.warning(Event.DATABASE_UNAVAILABLE, error=str(error))
        elif error is None and not self._reachable:
            log.info(Event.DATABASE_AVAILABLE)
        self._reachable = error is None
