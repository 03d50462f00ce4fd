"""One attempt at a run, from its lease to the run's end."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import anyio
import anyio.lowlevel
import structlog

from worker.attempt import errors, progress
from worker.attempt.end_early import end_early
from worker.attempt.errors import RequestRefused
from worker.attempt.ledger import Ledger
from worker.attempt.options import AttemptOptions
from worker.attempt.outcome import (
    Abandoned,
    Ended,
    Outcome,
    Postponed,
    TakenAway,
    first_of,
    reason_of,
    refusal,
    verdict,
)
from worker.attempt.plan import PlannedTable, plan, requested_names
from worker.attempt.progress import TableRecord
from worker.attempt.run_options import load_run_options
from worker.attempt.table import ENDS_THE_ATTEMPT, record_failure, tag_of, work_on_table
from worker.contracts.load import load_schema_objects
from worker.database.errors import DatabaseError
from worker.database.outage import through_outages
from worker.profiling.errors import EngineError
from worker.profiling.profiler import TableProfiler
from worker.queue.finish import cancel_run, close_overruled, finish, give_back, postpone
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.options import QueueOptions
from worker.queue.verdict import RunStatus, Verdict
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.telemetry.text import CAUSE_LIMIT, bounded, joined

__all__ = ["Attempts"]

log = get_logger(__name__)

T = TypeVar("T")

# Seconds. A final write that has begun is not broken off at once; and what a run that has to go
# gets for being given back: together they fit into the last seconds of the grace period.
_FINAL_WRITE = 2.0
_LET_GO = 2.0
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Attempts:
    """Works on runs, each in one call of `work`, with the parts that all of them share.

    `profiler` is called for each run whose request can be worked on; raises `EngineError`.
    """

    profiler: Callable[[], Awaitable[TableProfiler]]
    options: AttemptOptions
    queue: QueueOptions
    ledger: Ledger

    async def work(self, lease: Lease) -> Outcome:
        """Bring the run of `lease` to its end; never raises but for cancellation.

        When cancelled from outside, the run is given back, that of a job ended; when the lease's
        own scope is cancelled, the run is somebody else's and only the lease is closed, or an
        operator cancelled it, and it is ended so.
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
                    outcome = await self._stopped(lease)
            except* RunCancelled:
                outcome = await self._cancel(lease)
            except* (LeaseLost, RunOverruled) as lost:
                outcome = await self._taken_away(lease, str(first_of(lost)))
            except* DatabaseError as error:
                outcome = Abandoned(first_of(error))
                log.error(Event.RUN_ABANDONED, error=str(outcome.error))
            except* Exception as error:
                outcome = Abandoned(first_of(error))
                log.error(Event.RUN_ABANDONED, error=repr(outcome.error), exc_info=True)
        return outcome

    async def _work_or_let_go(self, lease: Lease) -> Outcome:
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
            if lease.job:
                _tell_end(await end_early(lease, errors.job_stopped(), self.ledger))
                return
            reason = errors.worker_stopped()
            await give_back(lease, self.ledger, reason)
            log.info(Event.RUN_GIVEN_BACK, reason=reason)
        except RunCancelled:
            await self._cancel(lease)
        except (LeaseLost, RunOverruled) as lost:
            await self._taken_away(lease, str(lost))
        except DatabaseError as error:
            log.error(Event.RUN_ABANDONED, error=str(error))

    async def _stopped(self, lease: Lease) -> Outcome:
        """Do what is left to do for a lease whose scope the heartbeat has cancelled."""
        if lease.cancelled is not None:
            return await self._cancel(lease)
        return await self._taken_away(lease, errors.taken_away(), told=True)

    async def _taken_away(self, lease: Lease, reason: str, *, told: bool = False) -> Outcome:
        if not told:
            log.warning(Event.LEASE_OVERRULED, reason=reason)
        try:
            await _unhurried(lambda: through_outages(lambda: close_overruled(lease, self.ledger)))
        except DatabaseError as error:
            log.error(Event.RUN_ABANDONED, error=str(error))
        return TakenAway(reason)

    async def _cancel(self, lease: Lease) -> Outcome:
        """Write the end of a run that an operator cancelled."""
        try:
            words = await _unhurried(
                lambda: cancel_run(lease, self.ledger, self.queue.cancelled_status)
            )
        except (LeaseLost, RunOverruled) as lost:
            return await self._taken_away(lease, str(lost))
        except DatabaseError as error:
            log.error(Event.RUN_ABANDONED, error=str(error))
            return Abandoned(error)
        log.warning(Event.RUN_CANCELLED, reason=words)
        return TakenAway(words)

    async def _work(self, lease: Lease) -> Outcome:
        began = time.monotonic()
        records: list[TableRecord] = []
        cause: EngineError | None = None
        try:
            tables = await self._plan(lease)
            profiler = await self.profiler()
            if (before := lease.attempt - 1) > 0:
                await profiler.interrupt(
                    [tag_of(lease.run.id, before, table.schema_name) for table in tables]
                )
            with anyio.move_on_after(self.options.run_deadline.total_seconds()) as limit:
                unfinished = await self._work_on_tables(lease, tables, profiler)
            if limit.cancelled_caught:
                return await self._out_of_time(lease)
            if unfinished and not lease.job and lease.tries < self.queue.max_attempts:
                return await self._postpone(lease, unfinished)
            for table in tables:
                if (reason := unfinished.get(table.schema_name)) is not None:
                    await record_failure(lease, table, reason)
            records = await lease.write(lambda tx: progress.records(tx, lease.run.id))
            end = verdict(records, self.options.summary_limit)
        except RequestRefused as refused:
            end = refusal(str(refused))
        except EngineError as error:
            cause = error
            end = refusal(str(error))
        except (*ENDS_THE_ATTEMPT, ExceptionGroup):
            raise
        # A defect, or a statement that Postgres refuses, ends the run with a message.
        except Exception as error:
            reason = reason_of(error)
            log.exception(Event.RUN_FAILED, error=reason)
            end = refusal(reason)
        await _unhurried(lambda: finish(lease, self.ledger, end))
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
        chosen = await through_outages(
            lambda: load_run_options(lease.database, lease.run.id, names, self.options.profiler)
        )
        objects = await through_outages(
            lambda: load_schema_objects(lease.database, lease.run.contract_id)
        )
        tables = [
            table.profiled_as(
                chosen.of_profiler(table.schema_name, self.options.profiler),
                chosen.of_checks(table.schema_name, self.options.checks),
            )
            for table in plan(names, lease.run.contract_id, objects, self.options.personal)
        ]
        log.info(Event.RUN_PLANNED, schemas=[table.schema_name for table in tables])
        return tables

    async def _work_on_tables(
        self, lease: Lease, tables: Sequence[PlannedTable], profiler: TableProfiler
    ) -> Mapping[str, str]:
        """Work on all tables at once, as far as the profiler has room.

        Returns the schema names of those that are not done for what may pass, each with the cause.
        """
        names = [table.schema_name for table in tables]
        kept = await lease.write(lambda tx: progress.begin(tx, lease.run.id, lease.attempt, names))
        unfinished: dict[str, str] = {}

        async def work_on(table: PlannedTable) -> None:
            reason = await work_on_table(lease, table, profiler, self.options.table_deadline)
            if reason is not None:
                unfinished[table.schema_name] = reason

        async with anyio.create_task_group() as tasks:
            for table in tables:
                if table.schema_name in kept:
                    log.info(Event.TABLE_KEPT, schema=table.schema_name)
                else:
                    tasks.start_soon(work_on, table)
        return unfinished

    async def _out_of_time(self, lease: Lease) -> Outcome:
        reason = errors.run_deadline(f"{self.options.run_deadline.total_seconds():g} s")
        end = await _unhurried(lambda: end_early(lease, reason, self.ledger))
        _tell_end(end)
        return Ended(end)

    async def _postpone(self, lease: Lease, unfinished: Mapping[str, str]) -> Outcome:
        first = sorted(unfinished.items())[:_LISTED]
        reason = joined([f"{name}: {bounded(why, CAUSE_LIMIT)}" for name, why in first])
        wait = self.queue.back_off_after(lease.tries)
        await _unhurried(lambda: postpone(lease, self.ledger, reason, wait))
        log.warning(Event.RUN_POSTPONED, reason=reason, wait_s=wait.total_seconds())
        return Postponed(reason)


async def _unhurried(write: Callable[[], Awaitable[T]]) -> T:
    """Do a final write until the database takes it.

    A cancellation has to wait for a moment, in which a write that has begun is over.
    """
    while True:
        with anyio.move_on_after(_FINAL_WRITE, shield=True):
            return await write()
        await anyio.lowlevel.checkpoint()


def _tell_end(end: Verdict, **facts: float) -> None:
    if end.status is RunStatus.COMPLETED:
        log.info(Event.RUN_COMPLETED, **facts)
    else:
        log.warning(Event.RUN_FAILED, error=end.error_message, **facts)
