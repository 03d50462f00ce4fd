"""A worker of one run: what a job and the process of a last try have in common."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio

from worker import __version__
from worker.attempt.work_in_progress import WorkInProgress
from worker.attempt.work_on_run import Attempts
from worker.database.pool import Database
from worker.maintenance.presence import noted_stop
from worker.preflight.requirements import reach_workspace
from worker.preflight.schema_watch import SchemaWatch
from worker.probes.health import Health
from worker.process.background_profiler import BackgroundProfiler
from worker.process.drain import Drain
from worker.process.options import WorkerOptions
from worker.process.report_progress import report_progress
from worker.process.signals import Stop, watch_signals
from worker.profiling.profiler import OpenProfiler, TableProfiler
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["OneRun"]

log = get_logger(__name__)


class OneRun:
    """Claims one run, works on it, and drains at a signal, as a worker does with many.

    Its lease is renewed, and tables and rights are watched, while it works. Spark starts when the
    run's first table needs it. It takes over no lease of another worker.
    """

    def __init__(
        self,
        options: WorkerOptions,
        stop: Stop,
        open_profiler: OpenProfiler,
        *,
        claim_patience: float,
    ) -> None:
        """Prepare the work; a claim may go on for `claim_patience` seconds after a signal."""
        self._options = replace(
            options,
            # It serves no other request.
            queue=replace(options.queue, slots=0),
            # It has one run, which would wait for rows that Spark is warmed with.
            profiling=replace(options.profiling, warm=False),
        )
        self._stop = stop
        self._open_profiler = open_profiler
        self._claim_patience = claim_patience
        self._client: WorkspaceClient | None = None
        self._late = BackgroundProfiler(self._opened)
        self.ledger = StoredRunProgress(options.attempt.summary_limit)
        self._in_work = WorkInProgress()
        self.lease: Lease | None = None
        """The lease on the run, from its claim on."""

    @property
    def hanging(self) -> bool:
        """Whether threads hang in Spark and were left behind."""
        return self._late.stuck > 0

    async def until_drained(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work`, and cancel it when a signal has come and its time to drain is over."""
        async with anyio.create_task_group() as tasks:
            await tasks.start(functools.partial(watch_signals, self._stop))
            with anyio.CancelScope() as working:
                tasks.start_soon(self._drain_when_stopped, working)
                await work()
            tasks.cancel_scope.cancel()

    async def reach_workspace(self) -> None:
        """Log in to the workspace now, not only when Spark starts. Raises `WorkspaceRefused`."""
        self._client = await reach_workspace(self._options.workspace)

    async def profiler(self) -> TableProfiler:
        """Return the profiler; Spark starts at the first call."""
        return await self._late.profiler()

    async def work(
        self,
        database: Database,
        claim: Callable[[], Awaitable[Lease | None]],
        attempt: Callable[[Lease], Awaitable[None]],
    ) -> None:
        """Claim the run and, if that succeeds, make an attempt at it."""
        queue = self._options.queue
        watch = SchemaWatch(database, Health().schema, wake=lambda: None)
        answered = functools.partial(watch.answered, "heartbeat")
        heartbeat = Heartbeat(database, queue, __version__, lambda: None, answered)
        async with (
            noted_stop(database, queue.worker),
            heartbeat.running(),
            self._late.running(),
            anyio.create_task_group() as watching,
        ):
            watching.start_soon(watch.run)
            watching.start_soon(report_progress, self._in_work)
            if (lease := await claim()) is not None:
                self.lease = lease
                await heartbeat.add(lease)
                await attempt(lease)
            watching.cancel_scope.cancel()

    def attempts(self, profiler: Callable[[], Awaitable[TableProfiler]] | None = None) -> Attempts:
        """Return what makes attempts at the run; `profiler` is called when Spark is needed."""
        options = self._options
        return Attempts(
            profiler or self.profiler, options.attempt, options.queue, self.ledger, self._in_work
        )

    async def _drain_when_stopped(self, working: anyio.CancelScope) -> None:
        """Let a run that is in work go on until the last seconds of the grace period.

        The start of Spark is not waited for: it may take longer than the grace period.
        """
        await self._stop.asked.wait()
        log.info(Event.WORKER_DRAINING, reason=self._stop.reason)
        self._late.hurry()
        if self._late.is_opening:
            patience = 0.0
        elif self.lease is None:
            patience = self._claim_patience
        else:
            patience = Drain(self._options.grace).runs
        working.deadline = anyio.current_time() + patience

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[TableProfiler]:
        client = self._client or await reach_workspace(self._options.workspace)
        async with self._open_profiler(self._options.profiling, client) as profiler:
            yield profiler
