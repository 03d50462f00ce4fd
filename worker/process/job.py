"""One process for one run: what a job runner launches."""

from dataclasses import dataclass, replace
from datetime import timedelta

import anyio
import structlog

from worker import __version__
from worker.attempt.abandoned_run import end_early
from worker.attempt.errors import job_stopped, own_error
from worker.attempt.outcome import Abandoned, Outcome, first_of
from worker.credentials.passwords import open_passwords
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseUnavailable,
    NoPassword,
    SchemaVersionError,
)
from worker.database.pool import Database
from worker.preflight.requirements import log_tables, report_missing_roots
from worker.process.drain import Drain
from worker.process.one_run import OneRun
from worker.process.options import WorkerOptions
from worker.process.ready_database import ready_database
from worker.process.signals import Stop
from worker.profiling.profiler import OpenProfiler
from worker.queue.claim_run import claim_run
from worker.queue.errors import RunUnclaimable
from worker.queue.finish_lease import close_overruled
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.telemetry.run_fields import RunFields, run_fields
from worker.tracing.export import exporting
from worker.workspace.errors import WorkspaceError

__all__ = ["JobEnd", "JobRequest", "run_job"]

log = get_logger(__name__)

# Seconds.
_RECORD = 30.0
_PAUSE = 1.0


class _Stopped(Exception):
    """A signal came before the run was claimed."""


_KNOWN = (DatabaseError, WorkspaceError, _Stopped)
"""Errors with a message for the run's row; any other error is a defect."""
_REFUSALS = (DatabaseError, LeaseLost, RunCancelled, RunOverruled, RunUnclaimable)
"""Why it can't be written into the run's row."""
_PASSING = (DatabaseUnavailable, DatabaseConflict)
"""Of these the ones that may pass."""
_UNTOLD = (RunUnclaimable, SchemaVersionError, NoPassword)
"""Errors that can't be written into the run's row: it, or the tables, can't be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """The run that a job is launched for. `schema_names` is JSON, as its launcher wrote it."""

    run_id: str
    contract_id: str
    schema_names: str


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How the attempt ended; None if a signal ended it, whose exit code is `stopped`."""

    outcome: Outcome | None
    stopped: int
    hanging: bool
    """Threads hang in Spark: the process has to end without waiting for them."""


async def run_job(
    options: WorkerOptions, request: JobRequest, *, open_profiler: OpenProfiler
) -> JobEnd:
    """Work on one run and return how that ended; a failure is in the run's row by then.

    The run is claimed if it is `pending` or `running` and no lease on it lives. Its lease never
    goes back to `pending`: the launcher decides on another try. `open_profiler` makes what profiles
    tables. Raises what kept it from ending: `RunUnclaimable`, `DatabaseError`, `WorkspaceError`.
    """
    job = _Job(options, request, Stop(), open_profiler)
    async with exporting(options.export, options.queue.worker, __version__):
        await job.one_run.until_drained(job.run)
    return JobEnd(job.outcome, job.stop.exit_code, job.one_run.hanging)


class _Job:
    """A worker of one run that writes into the run's row also what keeps it from working."""

    def __init__(
        self,
        options: WorkerOptions,
        request: JobRequest,
        stop: Stop,
        open_profiler: OpenProfiler,
    ) -> None:
        self._options = options
        self._request = request
        self.stop = stop
        # A claim may wait for another's lease. It is not waited for after a signal.
        self.one_run = OneRun(options, stop, open_profiler, claim_patience=0.0)
        self.outcome: Outcome | None = None

    async def run(self) -> None:
        """Work on the run. An error or signal that ends this is first written to the run's row."""
        try:
            await self._run()
        except anyio.get_cancelled_exc_class():
            if self.one_run.lease is None:
                await self._record(_Stopped(job_stopped()))
            raise
        except Exception as error:
            # Task groups wrap what comes out of them.
            first = first_of(error)
            if not isinstance(first, _UNTOLD):
                await self._record(first)
            raise

    async def _run(self) -> None:
        log_tables(self._options.profiling)
        await report_missing_roots(self._options.profiling)
        await self.one_run.reach_workspace()
        async with ready_database(self._options) as database:

            async def claim() -> Lease:
                return await self._claim(database, self._options.queue.lease)

            await self.one_run.work(database, claim, self._attempt)

    async def _attempt(self, lease: Lease) -> None:
        outcome = await self.one_run.attempts().work(lease)
        if isinstance(outcome, Abandoned):
            await self._record(outcome.error)
        self.outcome = outcome

    async def _claim(self, database: Database, patience: timedelta) -> Lease:
        return await claim_run(
            database,
            self._options.queue,
            run_id=self._request.run_id,
            contract_id=self._request.contract_id,
            schema_names=self._request.schema_names,
            patience=patience,
        )

    @property
    def _log_fields(self) -> RunFields:
        if (lease := self.one_run.lease) is not None:
            return lease.log_fields
        return run_fields(self._request.run_id, self._request.contract_id)

    async def _record(self, cause: Exception) -> None:
        """End the run as failed by `cause`, over a connection of its own: the old ones may be gone.

        A run that was not claimed is claimed for it; a lease that lives is waited for, as for any
        claim, but not when a signal came.
        """
        reason = str(cause) if isinstance(cause, _KNOWN) else own_error(type(cause).__name__)
        stopped = isinstance(cause, _Stopped) or self.stop.asked.is_set()
        failure: Exception = TimeoutError("not in time")
        with anyio.move_on_after(
            Drain(self._options.grace).last_writes if stopped else _RECORD, shield=True
        ):
            while True:
                try:
                    return await self._end(
                        reason, timedelta(0) if stopped else self._options.queue.lease
                    )
                except Exception as error:
                    failure = first_of(error)
                    if not isinstance(failure, _REFUSALS):
                        raise
                if self.one_run.lease is None or not isinstance(failure, _PASSING):
                    break
                await anyio.sleep(_PAUSE)
        why = f"{reason}; the run's row can't be written: {failure}"
        log.error(Event.RUN_ABANDONED, **self._log_fields, error=why)
        return None

    async def _end(self, reason: str, patience: timedelta) -> None:
        options = self._options
        async with (
            open_passwords(options.credentials, options.workspace) as passwords,
            Database.open(options.database, passwords) as fresh,
        ):
            lease = replace(
                self.one_run.lease or await self._claim(fresh, patience), database=fresh
            )
            with structlog.contextvars.bound_contextvars(**lease.log_fields):
                try:
                    await end_early(lease, reason, self.one_run.ledger)
                except RunOverruled:
                    await close_overruled(lease, self.one_run.ledger)
                    raise
                log.warning(Event.RUN_FAILED, error=reason)
