"""One attempt at a run, from its lease to the run's end."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import structlog

from worker.attempt import errors, progress
from worker.attempt.errors import RequestRefused
from worker.attempt.options import AttemptOptions
from worker.attempt.outcome import refusal, verdict
from worker.attempt.plan import PlannedTable, plan, requested_names
from worker.attempt.progress import TableRecord
from worker.attempt.table import ENDS_THE_ATTEMPT, work_on_table
from worker.contracts.load import load_schema_objects
from worker.database.errors import DatabaseError, DatabaseUnavailable
from worker.profiling.profiler import Profiler
from worker.queue.finish import RunStatus, Verdict, close_overruled, finish, give_back
from worker.queue.lease import Lease, LeaseLost, RunOverruled
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["Attempts"]

log = get_logger(__name__)

# Seconds.
_FINAL_WRITE = 60.0
_GIVE_BACK = 5.0
_RETRY_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Attempts:
    """Works on runs, each in one call of `work`, with the parts that all of them share."""

    profiler: Profiler
    options: AttemptOptions

    async def work(self, lease: Lease) -> None:
        """Bring the run of `lease` to its end; never raises but for cancellation.

        When cancelled from outside, the run is given back; when the lease's own scope is
        cancelled, the run is somebody else's and only the lease is closed.
        """
        run = lease.run
        with structlog.contextvars.bound_contextvars(
            run=run.id,
            contract=run.contract_id,
            attempt=lease.attempt,
            triggered_by=run.triggered_by,
        ):
            try:
                with lease.scope:
                    await self._work_or_give_back(lease)
                if lease.scope.cancelled_caught:
                    await _close(lease)
            except* (LeaseLost, RunOverruled) as lost:
                log.warning(Event.LEASE_OVERRULED, reason=_first(lost))
                await _close(lease)
            except* DatabaseError as error:
                log.error(Event.RUN_ABANDONED, error=_first(error))
            except* Exception as error:
                log.error(Event.RUN_ABANDONED, error=_first(error), exc_info=True)

    async def _work_or_give_back(self, lease: Lease) -> None:
        try:
            await self._work(lease)
        except anyio.get_cancelled_exc_class():
            if not lease.scope.cancel_called:
                with anyio.move_on_after(_GIVE_BACK, shield=True):
                    await _give_back(lease)
            raise

    async def _work(self, lease: Lease) -> None:
        began = time.monotonic()
        records: list[TableRecord] = []
        try:
            tables = await self._plan(lease)
            records = await self._work_on_tables(lease, tables)
            end = verdict(records, self.options.summary_limit)
        except RequestRefused as refused:
            end = refusal(str(refused))
        except (*ENDS_THE_ATTEMPT, ExceptionGroup):
            raise
        # A defect ends its run with words; it does not leave it hanging.
        except Exception as error:
            log.exception(Event.RUN_FAILED, error=type(error).__name__)
            end = refusal(errors.own_error(type(error).__name__))
        await _finish(lease, end)
        facts = {
            "tables": len(records),
            "suggestions": sum(record.suggestions for record in records),
            "seconds": round(time.monotonic() - began, 1),
        }
        if end.status is RunStatus.COMPLETED:
            log.info(Event.RUN_COMPLETED, **facts)
        else:
            log.warning(Event.RUN_FAILED, error=end.error_message, **facts)

    async def _plan(self, lease: Lease) -> list[PlannedTable]:
        log.info(Event.RUN_CLAIMED, waited_s=round(lease.run.age.total_seconds(), 1))
        names = requested_names(lease.run, lease.attempt, self.options)
        objects = await load_schema_objects(lease.database, lease.run.contract_id)
        return plan(names, lease.run.contract_id, objects)

    async def _work_on_tables(
        self, lease: Lease, tables: Sequence[PlannedTable]
    ) -> list[TableRecord]:
        """Work on all tables at once, as far as the profiler has room, and tell how they ended."""
        names = [table.schema_name for table in tables]
        kept = await lease.write(lambda tx: progress.begin(tx, lease.run.id, lease.attempt, names))
        async with anyio.create_task_group() as tasks:
            for table in tables:
                if table.schema_name in kept:
                    log.info(Event.TABLE_KEPT, schema=table.schema_name)
                else:
                    tasks.start_soon(work_on_table, lease, table, self.profiler)
        return await lease.write(lambda tx: progress.records(tx, lease.run.id))


async def _finish(lease: Lease, end: Verdict) -> None:
    """Write the run's end, through a short outage of the database, whatever is cancelled."""
    with anyio.fail_after(_FINAL_WRITE, shield=True):
        while True:
            try:
                return await finish(lease, end)
            except DatabaseUnavailable:
                await anyio.sleep(_RETRY_PAUSE)


async def _give_back(lease: Lease) -> None:
    reason = "the worker stopped"
    try:
        await give_back(lease, reason)
    except (LeaseLost, RunOverruled, DatabaseError) as error:
        log.error(Event.RUN_ABANDONED, error=str(error))
    else:
        log.info(Event.RUN_GIVEN_BACK, reason=reason)


async def _close(lease: Lease) -> None:
    try:
        await close_overruled(lease)
    except DatabaseError as error:
        log.error(Event.RUN_ABANDONED, error=str(error))


def _first(group: BaseExceptionGroup[BaseException]) -> str:
    """Return the message of the first error in a group."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
