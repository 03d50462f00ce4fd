"""Serves requests from the first heartbeat to the end of the last run in flight."""

import functools
import gc
import random
import time

import anyio

from worker import __version__
from worker.attempt.work_on_run import Attempts
from worker.database.pool import Database
from worker.maintenance.maintenance import Maintenance
from worker.maintenance.presence import note_rest, noted_stop
from worker.preflight.schema_watch import SchemaWatch
from worker.probes.health import Health
from worker.process.background_profiler import BackgroundProfiler
from worker.process.drain import Drain
from worker.process.last_try import LastTries, Program
from worker.process.options import WorkerOptions
from worker.process.poller import Poller
from worker.process.release_memory import release_memory
from worker.process.report_pause import PauseReport
from worker.process.report_progress import report_progress
from worker.process.signals import Stop
from worker.process.worker_state import Parts
from worker.profiling.profiler import TableProfiler
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.heartbeat import Heartbeat
from worker.queue.wakeup import Wakeup
from worker.spark import errors
from worker.spark.fatal import Cause
from worker.tables.errors import EngineError
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Service"]

log = get_logger(__name__)

_HEALTH_INTERVAL = 0.5
"""Seconds."""


class Service:
    """What lives from the first heartbeat on: upkeep, Spark, poller, the runs in flight."""

    def __init__(
        self,
        options: WorkerOptions,
        database: Database,
        late: BackgroundProfiler,
        stop: Stop,
        health: Health,
        *,
        drain: bool,
        program: Program,
    ) -> None:
        self._options = options
        self._database = database
        self._late = late
        self._stop = stop
        self._health = health
        self._drain = drain
        self._wakeup = Wakeup(options.queue.poll_interval)
        self._watch = SchemaWatch(database, health.schema, self._wakeup.wake)
        self._heartbeat = Heartbeat(
            database,
            options.queue,
            __version__,
            self._wakeup.wake,
            functools.partial(self._watch.answered, "heartbeat"),
            # Until Spark is warm no request is served.
            slots=0,
        )
        ledger = StoredRunProgress(options.attempt.summary_limit)
        self._attempts = Attempts(late.profiler, options.attempt, options.queue, ledger)
        self._poller = Poller(
            database,
            options.queue,
            self._attempts.work,
            heartbeat=self._heartbeat,
            wakeup=self._wakeup,
            health=health,
            watch=self._watch,
            tables=ledger,
            last_tries=LastTries(program, stop),
        )
        self._maintenance = Maintenance(
            database,
            queue=options.queue,
            retention=options.retention,
            tables=ledger,
            heartbeat=self._heartbeat,
            wake=self._wakeup.wake,
        )
        self._pause = PauseReport(health.claiming)
        self._warming = anyio.CancelScope()
        self._polling = anyio.CancelScope()
        self._runs = anyio.CancelScope()
        self._asleep_since: float | None = None
        self.broken: EngineError | None = None
        """Why nothing more can be profiled in this process."""

    @property
    def parts(self) -> Parts:
        """What its metrics are read from."""
        return Parts(self._heartbeat, self._poller, self._watch)

    async def run(self, began: float) -> None:
        """Take requests until it is time to stop, then wait for the runs in flight.

        Leases are kept and rescued from the start, while Spark is being warmed.
        """
        async with (
            noted_stop(self._database, self._options.queue.worker),
            anyio.create_task_group() as watching,
        ):
            watching.start_soon(self._watch_health)
            watching.start_soon(self._drain_when_stopped)
            watching.start_soon(report_progress, self._attempts.in_work)
            ready = False
            while True:
                async with self._heartbeat.running(), anyio.create_task_group() as keeping:
                    keeping.start_soon(self._maintenance.run)
                    keeping.start_soon(self._watch.run)
                    if not ready and (profiler := await self._warmed()) is not None:
                        watching.start_soon(self._stop_when_broken, profiler)
                        watching.start_soon(
                            release_memory, self._attempts.in_work, lambda: self._poller.last_work
                        )
                        if (note := profiler.note) is not None:
                            self._health.session.note(note)
                        await self._offer_slots(began)
                        ready = True
                    await self._take_requests()
                    keeping.cancel_scope.cancel()
                if self._options.idle == "poll" or self._drain or self._stop.asked.is_set():
                    break
                await self._sleep()
            # Not before the runs have ended: they are inside this scope too.
            watching.cancel_scope.cancel()

    async def _warmed(self) -> TableProfiler | None:
        """Return the profiler once it is warm; None if the worker is to stop before that.

        Spark may take minutes to start, and a grace period has seconds.
        """
        with self._warming:
            return await self._late.profiler()
        return None

    async def _take_requests(self) -> None:
        """Poll until it is enough; return when every run that was taken has ended."""
        with anyio.CancelScope() as self._runs:
            async with anyio.create_task_group() as runs:
                with anyio.CancelScope() as self._polling:
                    if self._stop.asked.is_set():
                        return
                    await self._poller.poll(runs, self._is_enough)
                await self._poller.settle(runs)

    async def _is_enough(self) -> bool:
        if self._stop.asked.is_set():
            return True
        if self._drain and not (
            self._heartbeat.rescue_awaited or await self._poller.requests_left()
        ):
            return True
        since = self._poller.last_work
        if self._asleep_since is not None and since > self._asleep_since:
            self._asleep_since = None
            log.info(Event.WORKER_AWAKE)
        if self._options.idle == "poll" or not self._poller.at_rest:
            return False
        return anyio.current_time() - since > self._options.idle_after.total_seconds()

    async def _offer_slots(self, began: float) -> None:
        """Register with slots, now that Spark is warm, unless a signal has come meanwhile."""
        self._health.session.well()
        # What the start has made stays. To look through all of it again and again would stop every
        # thread of the process for a tenth of a second.
        gc.collect()
        gc.freeze()
        if self._stop.asked.is_set():
            return
        self._stop.in_work = True
        await self._heartbeat.register(self._options.queue.slots)
        self._health.claiming.well()
        log.info(Event.WORKER_READY, seconds=round(time.monotonic() - began, 1))

    async def _sleep(self) -> None:
        """Close every connection and wait for the next look, or for the end."""
        interval = self._options.idle_interval.total_seconds()
        if self._asleep_since is None:
            self._asleep_since = anyio.current_time()
            log.info(Event.WORKER_SLEEPING, interval_s=interval)
        await note_rest(self._database, self._options.queue.worker, self._options.idle_interval)
        await self._database.rest()
        with anyio.move_on_after(interval * random.uniform(0.8, 1)):  # noqa: S311
            await self._stop.asked.wait()

    async def _watch_health(self) -> None:
        """Say what has happened in the last moment; nothing is asked of the database for it."""
        while True:
            self._pause.look(self._heartbeat.claiming)
            if self._heartbeat.healthy or self._asleep_since is not None:
                self._health.leases.well()
            # Before the first beat nothing has failed: the part is `not yet` well.
            elif self._heartbeat.tried:
                self._health.leases.unwell("the last heartbeat failed")
            if (lost := self._late.failure) is not None:
                self._health.session.unwell(lost)
            elif self._late.is_open:
                self._health.session.well()
            if (failure := self._database.failure) is not None:
                self._health.database.unwell(str(failure))
            else:
                self._health.database.well()
            await anyio.sleep(_HEALTH_INTERVAL)

    async def _stop_when_broken(self, profiler: TableProfiler) -> None:
        """Stop like after a signal: what is in work may end, the rest is given back."""
        fatal = profiler.fatal
        await fatal.happened.wait()
        if fatal.cause is Cause.STUCK_THREADS:
            limit = self._options.profiling.stuck_threads
            self.broken = errors.threads_stuck(profiler.stuck, limit)
            self._health.threads.unwell(str(self.broken))
        else:
            self.broken = errors.session_lost()
            self._health.session.unwell(str(self.broken))
        log.error(Event.WORKER_BROKEN, error=str(self.broken))
        self._stop.asked.set()

    async def _drain_when_stopped(self) -> None:
        """Claim nothing more, and let what runs go on until the last seconds of the grace period.

        A claim that is under way is waited for, but not as long as a database may not answer.
        """
        await self._stop.asked.wait()
        log.info(Event.WORKER_DRAINING, reason=self._stop.reason)
        self._health.claiming.unwell("the worker is draining")
        self._warming.cancel()
        self._late.hurry()
        self._wakeup.wake()
        await self._heartbeat.register(0)
        now, drain = anyio.current_time(), Drain(self._options.grace)
        self._polling.deadline = now + drain.claim
        self._runs.deadline = now + drain.runs
