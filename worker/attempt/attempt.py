"""One attempt at a run, from its lease to the run's end."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import anyio
import structlog

from worker.attempt import errors, progress
from worker.attempt.end_early import end_early
from worker.attempt.errors import RequestRefused
from worker.attempt.options import AttemptOptions
from worker.attempt.outcome import (
    Abandoned,
    Ended,
    Outcome,
    TakenAway,
    first_of,
    refusal,
    verdict,
)
from worker.attempt.plan import PlannedTable, plan, requested_names
from worker.attempt.progress import TableRecord
from worker.attempt.table import ENDS_THE_ATTEMPT, work_on_table
from worker.contracts.load import load_schema_objects
from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.profiling.errors import EngineError
from worker.profiling.profiler import TableProfiler
from worker.queue.finish import RunStatus, Verdict, close_overruled, finish, give_back
from worker.queue.lease import Lease, LeaseLost, RunOverruled
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Attempts"]

log = get_logger(__name__)

# Seconds.
_FINAL_WRITE = 60.0
_LET_GO = 5.0
_RETRY_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Attempts:
    """Works on runs, each in one call of `work`, with the parts that all of them share.

    `profiler` is called for each run whose request can be worked on; raises `EngineError`.
    """

    profiler: Callable[[], Awaitable[TableProfiler]]
    options: AttemptOptions

    async def work(self, lease: Lease) -> Outcome:
        """Bring the run of `lease` to its end; never raises but for cancellation.

        When cancelled from outside, the run is given back, that of a job ended; when the lease's
        own scope is cancelled, the run is somebody else's and only the lease is closed.
        """
        run = lease.run
        outcome: Outcome = TakenAway(errors.taken_away())
        with structlog.contextvars.bound_contextvars(
            run=run.id,
            contract=run.contract_id,
            attempt=lease.attempt,
            triggered_by=run.triggered_by,
        ):
            try:
                with lease.scope:
                    outcome = await self._work_or_let_go(lease)
                if lease.scope.cancelled_caught:
                    await _close(lease)
            except* (LeaseLost, RunOverruled) as lost:
                reason = str(first_of(lost))
                log.warning(Event.LEASE_OVERRULED, reason=reason)
                await _close(lease)
                outcome = TakenAway(reason)
            except* DatabaseError as error:
                outcome = Abandoned(first_of(error))
                log.error(Event.RUN_ABANDONED, error=str(outcome.error))
            except* Exception as error:
                outcome = Abandoned(first_of(error))
                log.error(Event.RUN_ABANDONED, error=repr(outcome.error), exc_info=True)
        return outcome

    async def _work_or_let_go(self, lease: Lease) -> Ended:
        try:
            return await self._work(lease)
        except anyio.get_cancelled_exc_class():
            if not lease.scope.cancel_called:
                with anyio.move_on_after(_LET_GO, shield=True):
                    await self._let_go(lease)
            raise

    async def _let_go(self, lease: Lease) -> None:
        """Give the run back; the launcher of a job decides on another try, so that one ends."""
        try:
            while True:
                try:
                    return await self._end_or_give_back(lease)
                except (DatabaseUnavailable, DatabaseConflict) as error:
                    # As long as there is time: the scope that this runs in ends it.
                    log.warning(Event.DATABASE_UNAVAILABLE, error=str(error))
                    await anyio.sleep(_RETRY_PAUSE)
        except (LeaseLost, RunOverruled) as lost:
            log.warning(Event.LEASE_OVERRULED, reason=str(lost))
            await _close(lease)
        except DatabaseError as error:
            log.error(Event.RUN_ABANDONED, error=str(error))

    async def _end_or_give_back(self, lease: Lease) -> None:
        if lease.job:
            _tell_end(await end_early(lease, errors.job_stopped(), self.options.summary_limit))
            return
        reason = "the worker stopped"
        await give_back(lease, reason)
        log.info(Event.RUN_GIVEN_BACK, reason=reason)

    async def _work(self, lease: Lease) -> Ended:
        began = time.monotonic()
        records: list[TableRecord] = []
        cause: EngineError | None = None
        try:
            tables = await self._plan(lease)
            profiler = await self.profiler()
            records = await _work_on_tables(lease, tables, profiler)
            end = verdict(records, self.options.summary_limit)
        except RequestRefused as refused:
            end = refusal(str(refused))
        except EngineError as error:
            cause = error
            end = refusal(str(error))
        except (*ENDS_THE_ATTEMPT, ExceptionGroup):
            raise
        # A defect ends its run with words; it does not leave it hanging.
        except Exception as error:
            log.exception(Event.RUN_FAILED, error=type(error).__name__)
            end = refusal(errors.own_error(type(error).__name__))
        await _finish(lease, end)
        _tell_end(
            end,
            tables=len(records),
            suggestions=sum(record.suggestions for record in records),
            seconds=round(time.monotonic() - began, 1),
        )
        return Ended(end, cause)

    async def _plan(self, lease: Lease) -> list[PlannedTable]:
        log.info(Event.RUN_CLAIMED, waited_s=round(lease.run.age.total_seconds(), 1))
        names = requested_names(lease.run, lease.attempt, self.options)
        objects = await load_schema_objects(lease.database, lease.run.contract_id)
        tables = plan(names, lease.run.contract_id, objects)
        log.info(Event.RUN_PLANNED, schemas=[table.schema_name for table in tables])
        return tables


async def _work_on_tables(
    lease: Lease, tables: Sequence[PlannedTable], profiler: TableProfiler
) -> list[TableRecord]:
    """Work on all tables at once, as far as the profiler has room, and tell how they ended."""
    names = [table.schema_name for table in tables]
    kept = await lease.write(lambda tx: progress.begin(tx, lease.run.id, lease.attempt, names))
    async with anyio.create_task_group() as tasks:
        for table in tables:
            if table.schema_name in kept:
                log.info(Event.TABLE_KEPT, schema=table.schema_name)
            else:
                tasks.start_soon(work_on_table, lease, table, profiler)
    return await lease.write(lambda tx: progress.records(tx, lease.run.id))


def _tell_end(end: Verdict, **facts: float) -> None:
    if end.status is RunStatus.COMPLETED:
        log.info(Event.RUN_COMPLETED, **facts)
    else:
        log.warning(Event.RUN_FAILED, error=end.error_message, **facts)


async def _finish(lease: Lease, end: Verdict) -> None:
    """Write the run's end, through a short outage of the database, whatever is cancelled."""
    outage: DatabaseError | None = None
    with anyio.move_on_after(_FINAL_WRITE, shield=True):
        while True:
            try:
                return await finish(lease, end)
            except (DatabaseUnavailable, DatabaseConflict) as error:
                outage = error
            await anyio.sleep(_RETRY_PAUSE)
    raise outage or TimeoutError(f"the end of the run was not written within {_FINAL_WRITE:g} s")


async def _close(lease: Lease) -> None:
    try:
        await close_overruled(lease)
    except DatabaseError as error:
        log.error(Event.RUN_ABANDONED, error=str(error))
