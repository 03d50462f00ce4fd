"""One process for one run: what a job runner launches."""

import functools
from dataclasses import dataclass, replace
from datetime import timedelta

import anyio

from worker import __version__
from worker.attempt.attempt import Attempts
from worker.attempt.end_early import end_early
from worker.attempt.errors import job_stopped, own_error
from worker.attempt.ledger import Ledger
from worker.attempt.outcome import Abandoned, Outcome, first_of
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseUnavailable,
    NoPassword,
    SchemaVersionError,
)
from worker.database.pool import Database
from worker.process.database_start import DatabaseStart
from worker.process.late_profiler import LateProfiler
from worker.process.options import WorkerOptions
from worker.process.passwords import open_passwords
from worker.process.preflight import reach_workspace, report_missing_roots, tell_tables
from worker.process.signals import Stop, watch_signals
from worker.profiling.profiler import OpenProfiler
from worker.queue.claim_run import claim_run
from worker.queue.errors import RunUnclaimable
from worker.queue.finish import close_overruled
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace.errors import WorkspaceError

__all__ = ["JobEnd", "JobRequest", "run_job"]

log = get_logger(__name__)

# Seconds.
_LAST_WRITES = 5.0
_RECORD = 30.0
_PAUSE = 1.0


class _Stopped(Exception):
    """A signal came before the run was claimed."""


_KNOWN = (DatabaseError, WorkspaceError, _Stopped)
"""Errors with a message for the run's row; any other error is a defect."""
_REFUSALS = (DatabaseError, LeaseLost, RunCancelled, RunOverruled, RunUnclaimable)
"""Why the run's row can't be told of it."""
_PASSING = (DatabaseUnavailable, DatabaseConflict)
"""Of these the ones that may pass."""
_UNTOLD = (RunUnclaimable, SchemaVersionError, NoPassword)
"""What the run's row can't be told of: it is not ours, the tables are not, or nobody gets in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """The run that a job is launched for. `schema_names` is JSON, as its launcher wrote it."""

    run_id: str
    contract_id: str
    schema_names: str


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How the attempt ended; None where a signal ended it, whose exit code is `stopped`."""

    outcome: Outcome | None
    stopped: int
    hanging: bool
    """Threads hang in Spark: the process has to end without waiting for them."""


async def run_job(
    options: WorkerOptions, request: JobRequest, *, open_profiler: OpenProfiler
) -> JobEnd:
    """Work on one run and return how that ended; a failure is in the run's row by then.

    The run is claimed where it is `pending` or `running` and no lease on it lives. Its lease never
    goes back to `pending`: the launcher decides on another try. `open_profiler` makes what profiles
    tables. Raises what kept it from ending: `RunUnclaimable`, `DatabaseError`, `WorkspaceError`.
    """
    stop = Stop()
    outcome: Outcome | None = None
    async with anyio.create_task_group() as tasks:
        await tasks.start(functools.partial(watch_signals, stop))
        job = _Job(options, request, stop, open_profiler)
        with anyio.CancelScope() as working:
            tasks.start_soon(_end_when_stopped, stop, job, working)
            outcome = await job.run()
        tasks.cancel_scope.cancel()
    return JobEnd(outcome, stop.exit_code, job.hanging)


async def _end_when_stopped(stop: Stop, job: "_Job", working: anyio.CancelScope) -> None:
    """Let a run that is in work go on until the last seconds of the grace period."""
    await stop.asked.wait()
    log.info(Event.WORKER_DRAINING, reason=stop.reason)
    job.hurry()
    working.deadline = anyio.current_time() + job.patience


class _Job:
    """The way from the workspace to the run's end, and what is told of it where that breaks."""

    def __init__(
        self,
        options: WorkerOptions,
        request: JobRequest,
        stop: Stop,
        open_profiler: OpenProfiler,
    ) -> None:
        self._options = options
        self._request = request
        self._stop = stop
        self._open_profiler = open_profiler
        self._lease: Lease | None = None
        self._late: LateProfiler | None = None
        self._ledger = Ledger(options.attempt.summary_limit)

    @property
    def hanging(self) -> bool:
        """Whether threads hang in Spark and were left behind."""
        return self._late is not None and self._late.stuck > 0

    def hurry(self) -> None:
        """Wait for interrupted threads for seconds only."""
        if self._late is not None:
            self._late.hurry()

    @property
    def patience(self) -> float:
        """Seconds for which a run may go on once a signal came.

        None before it is claimed, and while Spark starts, which may take longer than it has.
        """
        if self._lease is None or (self._late is not None and self._late.is_opening):
            return 0.0
        return self._options.grace.total_seconds() - _LAST_WRITES

    async def run(self) -> Outcome:
        """Work on the run. An error or signal that ends this is first written to the run's row."""
        try:
            return await self._run()
        except anyio.get_cancelled_exc_class():
            if self._lease is None:
                await self._record(_Stopped(job_stopped()))
            raise
        except Exception as error:
            # Task groups wrap what comes out of them.
            first = first_of(error)
            if not isinstance(first, _UNTOLD):
                await self._record(first)
            raise

    async def _run(self) -> Outcome:
        options = self._options
        tell_tables(options.profiling)
        await report_missing_roots(options.profiling)
        client = await reach_workspace(options.workspace)
        self._late = late = LateProfiler(lambda: self._open_profiler(options.profiling, client))
        async with open_passwords(options.credentials, options.workspace) as passwords:
            start = DatabaseStart(options, passwords, told=lambda _: None)
            async with Database.open(options.database, passwords, proved=False) as database:
                await start.prepare(database)
                heartbeat = Heartbeat(database, options.queue, __version__, wake=lambda: None)
                async with heartbeat.running(), late.running():
                    self._lease = lease = await self._claim(database, options.queue.lease)
                    await heartbeat.add(lease)
                    attempts = Attempts(late.profiler, options.attempt, options.queue, self._ledger)
                    outcome = await attempts.work(lease)
                    if isinstance(outcome, Abandoned):
                        await self._record(outcome.error)
                    return outcome

    async def _claim(self, database: Database, patience: timedelta) -> Lease:
        return await claim_run(
            database,
            self._options.queue,
            run_id=self._request.run_id,
            contract_id=self._request.contract_id,
            schema_names=self._request.schema_names,
            patience=patience,
        )

    async def _record(self, cause: Exception) -> None:
        """End the run as failed by `cause`, over a connection of its own: the old ones may be gone.

        A run that was not claimed is claimed for it; a lease that lives is waited for, as for any
        claim, but not when a signal came.
        """
        reason = str(cause) if isinstance(cause, _KNOWN) else own_error(type(cause).__name__)
        stopped = isinstance(cause, _Stopped) or self._stop.asked.is_set()
        failure: Exception = TimeoutError("not in time")
        with anyio.move_on_after(_LAST_WRITES if stopped else _RECORD, shield=True):
            while True:
                try:
                    return await self._end(
                        reason, timedelta(0) if stopped else self._options.queue.lease
                    )
                except Exception as error:
                    failure = first_of(error)
                    if not isinstance(failure, _REFUSALS):
                        raise
                if self._lease is None or not isinstance(failure, _PASSING):
                    break
                await anyio.sleep(_PAUSE)
        log.error(Event.RUN_ABANDONED, error=f"{reason}; the run's row can't tell: {failure}")
        return None

    async def _end(self, reason: str, patience: timedelta) -> None:
        options = self._options
        async with (
            open_passwords(options.credentials, options.workspace) as passwords,
            Database.open(options.database, passwords) as fresh,
        ):
            lease = replace(self._lease or await self._claim(fresh, patience), database=fresh)
            try:
                await end_early(lease, reason, self._ledger)
            except RunOverruled:
                await close_overruled(lease, self._ledger)
                raise
            log.warning(Event.RUN_FAILED, error=reason)
