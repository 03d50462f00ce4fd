"""One attempt at a run, from its lease to the run's end."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import anyio
import structlog

from worker.attempt import errors
from worker.attempt.count_ends import count_attempt
from worker.attempt.errors import RequestRefused
from worker.attempt.finish_run import LastWrites
from worker.attempt.options import AttemptOptions
from worker.attempt.outcome import Abandoned, Ended, Outcome, TakenAway, first_of, reason_of
from worker.attempt.plan import MAX_NAME, PlannedTable, plan, requested_names
from worker.attempt.run_options import load_run_options
from worker.attempt.shielded_write import LAST_MOMENT
from worker.attempt.trace_attempt import trace_outcome, traced_attempt
from worker.attempt.work_in_progress import WorkInProgress
from worker.attempt.work_on_table import ENDS_THE_ATTEMPT, record_failure, tag_of, work_on_table
from worker.backend.contracts.load import KnownNames, load_schema_names, load_schema_objects
from worker.database.errors import DatabaseError
from worker.database.limited_threads import in_thread
from worker.database.outage import through_outages
from worker.metrics.instruments import RUN_WAIT
from worker.metrics.labels import AttemptOutcome, Reason
from worker.profiling.profiler import TableProfiler
from worker.progress import table_progress
from worker.progress.completed_or_failed import refusal, run_result
from worker.progress.phases import Phases
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.options import QueueOptions
from worker.queue.run_result import RunResult, RunStatus
from worker.tables.errors import EngineError
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.telemetry.text import CAUSE_LIMIT, bounded, joined
from worker.tracing.spans import span

__all__ = ["Attempts"]

log = get_logger(__name__)

_LISTED = 20


@dataclass(frozen=True, slots=True)
class _Found:
    """What the work on a run came to: its end, or why tables are unfinished that may be done."""

    end: RunResult | None = None
    reason: Reason = Reason.DEFECT
    unfinished: str | None = None
    cause: EngineError | None = None
    defect: Exception | None = None
    tables: int = 0
    suggestions: int = 0


@dataclass(frozen=True, slots=True)
class Attempts:
    """Works on runs, each in one call of `work`, with the parts that all of them share.

    `profiler` is called for each run whose request can be worked on; raises `EngineError`.
    """

    profiler: Callable[[], Awaitable[TableProfiler]]
    options: AttemptOptions
    queue: QueueOptions
    ledger: StoredRunProgress
    in_work: WorkInProgress = field(default_factory=WorkInProgress)
    """How far the runs in work are."""

    async def work(self, lease: Lease) -> Outcome:
        """Bring the run of `lease` to its end; never raises but for cancellation.

        When cancelled from outside, the run is given back, that of a job ended; when the lease's
        own scope is cancelled, the run is another worker's or was decided and only the lease is
        closed, or an operator cancelled it, and it is ended so.
        """
        with (
            traced_attempt(lease),
            structlog.contextvars.bound_contextvars(**lease.log_fields),
            self.in_work.counting(lease.token),
        ):
            outcome = await self._work_or_abandon(lease)
            trace_outcome(outcome)
        return outcome

    async def _work_or_abandon(self, lease: Lease) -> Outcome:
        outcome: Outcome = TakenAway(errors.taken_away())
        try:
            outcome = await self._work_unless_stopped(lease)
        except* DatabaseError as error:
            outcome = Abandoned(first_of(error))
            count_attempt(AttemptOutcome.ABANDONED)
            log.error(Event.RUN_ABANDONED, error=str(outcome.error))
        except* Exception as error:
            outcome = Abandoned(first_of(error))
            count_attempt(AttemptOutcome.ABANDONED)
            log.error(Event.RUN_ABANDONED, error=repr(outcome.error), exc_info=True)
        return outcome

    @property
    def _writes(self) -> LastWrites:
        return LastWrites(self.queue, self.ledger)

    async def _work_unless_stopped(self, lease: Lease) -> Outcome:
        """Work on the run; do what is left to do if the run is cancelled or decided meanwhile."""
        outcome: Outcome = TakenAway(errors.taken_away())
        try:
            with lease.scope:
                outcome = await self._work_or_let_go(lease)
            if lease.scope.cancelled_caught:
                outcome = await self._stopped(lease)
        except* RunCancelled:
            with span("finish"):
                outcome = await self._writes.cancel(lease)
        except* (LeaseLost, RunOverruled) as lost:
            with span("finish"):
                outcome = await self._writes.take_away(lease, first_of(lost))
        return outcome

    async def _work_or_let_go(self, lease: Lease) -> Outcome:
        try:
            return await self._work(lease)
        except anyio.get_cancelled_exc_class():
            # A last write that had begun has had its moment.
            if not lease.scope.cancel_called and not lease.closing:
                with span("finish"), anyio.move_on_after(LAST_MOMENT, shield=True):
                    await self._writes.let_go(lease)
            raise

    async def _stopped(self, lease: Lease) -> Outcome:
        """Do what is left to do for a lease whose scope the heartbeat has cancelled."""
        with span("finish"):
            if lease.cancelled is not None:
                return await self._writes.cancel(lease)
            return await self._writes.take_away(lease)

    async def _work(self, lease: Lease) -> Outcome:
        limit = self.options.run_deadline.total_seconds()
        with anyio.move_on_after(limit) as in_time:
            found = await self._profile(lease)
        with span("finish"):
            if in_time.cancelled_caught:
                words = errors.run_deadline(f"{limit:g} s")
                return await self._writes.end_early(lease, words, Reason.DEADLINE)
            return await self._finish(lease, found)

    async def _finish(self, lease: Lease, found: _Found) -> Outcome:
        if found.end is None:
            wait = self.queue.back_off_after(lease.tries)
            return await self._writes.postpone(lease, found.unfinished or "", wait)
        facts = {
            "tables": found.tables,
            "suggestions": found.suggestions,
            "seconds": round(lease.seconds, 1),
        }
        outcome = await self._writes.end(
            lease, found.end, found.reason, facts=facts, defect=found.defect
        )
        if isinstance(outcome, Ended):
            return replace(outcome, error=found.cause)
        return outcome

    async def _profile(self, lease: Lease) -> _Found:
        """Plan the run and work on its tables; all of that lies inside the run's deadline."""
        try:
            with span("plan"):
                tables = await self._plan(lease)
            profiler = await self.profiler()
            if (before := lease.attempt - 1) > 0:
                await profiler.interrupt(
                    [tag_of(lease.run.id, before, table.schema_name) for table in tables]
                )
            unfinished = await self._work_on_tables(lease, tables, profiler)
            if unfinished and not lease.job and lease.tries < self.queue.max_attempts:
                return _Found(unfinished=_reasons(unfinished))
            for table in tables:
                if (reason := unfinished.get(table.schema_name)) is not None:
                    await record_failure(lease, table, reason)
            return await self._completed(lease)
        except RequestRefused as refused:
            return _Found(refusal(str(refused)), Reason.REQUEST)
        except EngineError as error:
            return _Found(refusal(str(error)), Reason.ENGINE, cause=error)
        except (*ENDS_THE_ATTEMPT, ExceptionGroup):
            raise
        # A defect, or a statement that Postgres refuses, ends the run with a message.
        except Exception as error:  # noqa: BLE001
            return _Found(refusal(reason_of(error)), Reason.DEFECT, defect=error)

    async def _completed(self, lease: Lease) -> _Found:
        """Return the end of a run whose tables have all ended."""
        tables = await through_outages(
            lambda: table_progress.read_tables(lease.database, lease.run.id, lease.attempt)
        )
        end = await in_thread(run_result, tables.records, self.options.summary_limit)
        suggestions = sum(record.suggestions for record in tables.records)
        reason = Reason.PROFILED if end.status is RunStatus.COMPLETED else Reason.TABLES
        return _Found(end, reason, tables=len(tables.records), suggestions=suggestions)

    async def _plan(self, lease: Lease) -> list[PlannedTable]:
        RUN_WAIT.observe(lease.run.age.total_seconds())
        log.info(Event.RUN_CLAIMED, waited_s=round(lease.run.age.total_seconds(), 1))
        names = requested_names(lease.run, lease.attempt, self.options)
        run = lease.run
        chosen = await through_outages(
            lambda: load_run_options(lease.database, run.id, names, self.options.profiler_options)
        )
        objects = await through_outages(
            lambda: load_schema_objects(
                lease.database, run.contract_id, [name for name in names if len(name) <= MAX_NAME]
            )
        )
        known = KnownNames()
        if len(objects) < len(names):
            known = await through_outages(
                lambda: load_schema_names(lease.database, run.contract_id)
            )

        def planned() -> list[PlannedTable]:
            return [
                table.profiled_as(
                    chosen.of_profiler(table.schema_name, self.options.profiler_options),
                    chosen.of_checks(table.schema_name, self.options.checks),
                )
                for table in plan(names, run.contract_id, objects, self.options.personal, known)
            ]

        tables = await in_thread(planned)
        log.info(Event.RUN_PLANNED, schemas=[table.schema_name for table in tables])
        return tables

    async def _work_on_tables(
        self, lease: Lease, tables: Sequence[PlannedTable], profiler: TableProfiler
    ) -> Mapping[str, str]:
        """Work on all tables, as many at once as the profiler has places.

        Returns the schema names of those that are not done for what may pass, each with the cause.
        """
        names = [table.schema_name for table in tables]
        kept = await lease.write(
            lambda tx: table_progress.begin(tx, lease.run.id, lease.attempt, names)
        )
        unfinished: dict[str, str] = {}
        counted = self.in_work.runs[lease.token]
        counted.tables_total, counted.tables_done = len(tables), len(kept)

        # A table that can't be profiled ends first: its reader need not wait for the others.
        waiting = iter(sorted(tables, key=lambda table: table.problem is None))

        async def work_on_waiting() -> None:
            for table in waiting:
                if table.schema_name in kept:
                    log.info(Event.TABLE_KEPT, schema=table.schema_name)
                    continue
                async with profiler.places:
                    reason = await work_on_table(
                        lease,
                        table,
                        profiler,
                        phases,
                        counted,
                        deadline=self.options.table_deadline,
                    )
                if reason is not None:
                    unfinished[table.schema_name] = reason
                else:
                    counted.tables_done += 1

        # No more tasks than places: the tables of another run come in turn with those of this one.
        async with Phases.written(lease) as phases, anyio.create_task_group() as tasks:
            for _ in range(min(len(tables), int(profiler.places.total_tokens))):
                tasks.start_soon(work_on_waiting)
        return unfinished


def _reasons(unfinished: Mapping[str, str]) -> str:
    """Return why tables are unfinished, those of the first names."""
    first = sorted(unfinished.items())[:_LISTED]
    return joined([f"{name}: {bounded(why, CAUSE_LIMIT)}" for name, why in first])
