"""One table of a run: from its name to committed suggestions, or to a sentence why not."""

import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import anyio
import structlog

from worker.attempt import errors
from worker.attempt.outcome import reason_of
from worker.attempt.plan import PlannedTable
from worker.attempt.propose_checks import propose_checks
from worker.attempt.publish import Publisher, drafts_of
from worker.attempt.steps import step
from worker.attempt.try_checks import try_checks
from worker.attempt.work_in_progress import RunWork
from worker.database.errors import DatabaseRefused
from worker.database.limited_threads import in_thread
from worker.database.storable_text import storable
from worker.metrics.instruments import ROWS_PROFILED, SUGGESTIONS, TABLES
from worker.metrics.labels import Step, TableOutcome
from worker.profiling.profiler import TableProfiler
from worker.progress import table_progress
from worker.progress.phases import Phases
from worker.progress.summary import failed_part
from worker.progress.table_progress import Phase
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.tables.errors import TableError, TableUnavailable, table_deadline
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.telemetry.text import NAME_LIMIT, bounded
from worker.tracing.spans import fail_span, span

__all__ = ["ENDS_THE_ATTEMPT", "record_failure", "tag_of", "work_on_table"]

log = get_logger(__name__)

ENDS_THE_ATTEMPT = (LeaseLost, RunOverruled, RunCancelled, DatabaseRefused)

# Seconds before a table is tried once more: a session or a connection takes some to be there again.
_RETRY_PAUSE = 1.0


def tag_of(run_id: str, attempt: int, schema_name: str) -> str:
    """Return the tag under which Spark works on a table; commas would end it."""
    return f"dqx-worker {run_id} {attempt} {schema_name}".replace(",", " ")


async def work_on_table(
    lease: Lease,
    table: PlannedTable,
    profiler: TableProfiler,
    phases: Phases,
    counted: RunWork,
    *,
    deadline: timedelta,
) -> str | None:
    """Profile a table and write what it gives; a table at fault is recorded as failed.

    Returns why the table is not done where that may pass. Raises what ends the attempt:
    `LeaseLost`, `RunOverruled`, `RunCancelled`, `DatabaseRefused`.
    """
    with (
        structlog.contextvars.bound_contextvars(schema=table.schema_name),
        span("table", schema=table.schema_name, table=table.physical_name or ""),
    ):
        try:
            if table.problem is not None or table.physical_name is None:
                raise TableError(table.problem or errors.no_physical_name())
            unfinished = None
            with lease.watching(table.schema_name) as there:
                unfinished = await _profile_twice(
                    _Work(lease, table, table.physical_name, profiler, phases, counted, deadline)
                )
            if there.cancelled_caught:
                raise TableError(errors.schema_vanished())
            return unfinished
        except TableError as error:
            await _fail(lease, table, str(error))
        except ENDS_THE_ATTEMPT:
            raise
        # A defect, or a row that Postgres refuses, fails this table only.
        except Exception as error:
            reason = reason_of(error)
            log.exception(Event.TABLE_FAILED, table=table.physical_name, error=reason)
            await record_failure(lease, table, reason)
        return None


@dataclass(frozen=True, slots=True)
class _Work:
    """A table that is to be profiled, and what that takes."""

    lease: Lease
    table: PlannedTable
    physical_name: str
    profiler: TableProfiler
    phases: Phases
    counted: RunWork
    deadline: timedelta

    def enter(self, phase: Phase) -> None:
        """Have the phase of the table written."""
        self.phases.enter(self.table.schema_name, phase)


async def _profile_twice(work: _Work) -> str | None:
    """Try once more what may pass; return why a second time did not help either."""
    try:
        await _profile(work)
        return None
    except TableUnavailable as error:
        log.warning(Event.TABLE_RETRIED, table=work.physical_name, error=str(error))
    await anyio.sleep(_RETRY_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311
    try:
        await _profile(work)
    except TableUnavailable as error:
        TABLES.labels(TableOutcome.UNFINISHED).inc()
        fail_span(str(error))
        log.warning(Event.TABLE_UNFINISHED, table=work.physical_name, error=str(error))
        return str(error)
    return None


async def _profile(work: _Work) -> None:
    began = time.monotonic()
    lease, table, profiler = work.lease, work.table, work.profiler
    tag = tag_of(lease.run.id, lease.attempt, table.schema_name)
    log.info(Event.TABLE_BEGUN, table=work.physical_name)
    work.enter(Phase.SAMPLING)
    with anyio.move_on_after(work.deadline.total_seconds()) as limit:
        async with AsyncExitStack() as held:
            with step(Step.SAMPLE):
                sample = await held.enter_async_context(
                    profiler.sample(work.physical_name, tag, table.profiler)
                )
            work.enter(Phase.PROFILING)
            with step(Step.PROFILE):
                profile = await profiler.profile(sample, tag)
            with step(Step.JUDGE):
                tried_on, proposed = await propose_checks(profiler, sample, profile, table, tag)
                found = await in_thread(drafts_of, table, profile, lease.run.id, proposed.proposals)
                tried = await try_checks(
                    lease,
                    table,
                    found,
                    lambda trials: profiler.gather_evidence(tried_on, trials, tag),
                )
    if limit.cancelled_caught:
        shown = bounded(work.physical_name, NAME_LIMIT)
        raise table_deadline(shown, f"{work.deadline.total_seconds():g}")
    work.enter(Phase.WRITING)
    seconds = time.monotonic() - began
    written = Publisher(lease, table, profile, proposed, found, tried, seconds)
    with step(Step.WRITE):
        await written.write()
    work.counted.rows += profile.sample.rows
    TABLES.labels(TableOutcome.PROFILED).inc()
    ROWS_PROFILED.inc(profile.sample.rows)
    for function, count in written.functions.items():
        SUGGESTIONS.labels(function).inc(count)
    log.info(
        Event.TABLE_PROFILED,
        table=work.physical_name,
        rows=profile.sample.rows,
        of_rows=profile.sample.of_rows,
        columns=profile.columns,
        suggestions=written.suggestions,
        seconds=round(seconds, 1),
    )


async def _fail(lease: Lease, table: PlannedTable, error: str) -> None:
    log.warning(Event.TABLE_FAILED, table=table.physical_name, error=error)
    await record_failure(lease, table, error)


async def record_failure(lease: Lease, table: PlannedTable, error: str) -> None:
    """Record that a table failed, and why."""
    TABLES.labels(TableOutcome.FAILED).inc()
    fail_span(error)
    message = storable(error)
    await lease.write(
        lambda tx: table_progress.fail(
            tx,
            lease.run.id,
            table.schema_name,
            message,
            failed_part(table.physical_name, message),
        )
    )
