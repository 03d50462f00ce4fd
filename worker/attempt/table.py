"""One table of a run: from its name to committed suggestions, or to a sentence why not."""

import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import structlog

from worker.attempt import errors, progress
from worker.attempt.plan import PlannedTable
from worker.attempt.progress import Phase
from worker.attempt.summary import failed_part, profiled_part
from worker.checks.row import Suggestions, suggest
from worker.contracts.load import has_schema_object
from worker.database.errors import DatabaseRefused
from worker.database.pool import Connection
from worker.database.text import storable
from worker.profiling.errors import TableError, TableUnavailable, table_deadline
from worker.profiling.profile import TableProfile
from worker.profiling.profiler import TableProfiler
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.suggestions.write import write_suggestions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["ENDS_THE_ATTEMPT", "record_failure", "tag_of", "work_on_table"]

log = get_logger(__name__)

ENDS_THE_ATTEMPT = (LeaseLost, RunOverruled, RunCancelled, DatabaseRefused)

# Seconds before a table is tried once more: a session or a connection takes some to be there again.
_RETRY_PAUSE = 1.0


def tag_of(run_id: str, attempt: int, schema_name: str) -> str:
    """Return the tag under which Spark works on a table; commas would end it."""
    return f"dqx-worker {run_id} {attempt} {schema_name}".replace(",", " ")


async def work_on_table(
    lease: Lease, table: PlannedTable, profiler: TableProfiler, deadline: timedelta
) -> str | None:
    """Profile a table and write what it gives; a table at fault is recorded as failed.

    Returns why the table is not done where that may pass. Raises what ends the attempt:
    `LeaseLost`, `RunOverruled`, `RunCancelled`, `DatabaseRefused`.
    """
    with structlog.contextvars.bound_contextvars(schema=table.schema_name):
        try:
            if table.problem is not None or table.physical_name is None or table.object_id is None:
                raise TableError(table.problem or errors.no_physical_name())
            unfinished = None
            with lease.watching(table.object_id) as there:
                unfinished = await _profile_twice(
                    lease, table, table.physical_name, profiler, deadline
                )
            if there.cancelled_caught:
                raise TableError(errors.schema_vanished())
            return unfinished
        except TableError as error:
            await _fail(lease, table, str(error))
        except ENDS_THE_ATTEMPT:
            raise
        # A defect of ours or of a library, or a value that can't be stored, costs this table only.
        except Exception as error:
            log.exception(Event.TABLE_FAILED, table=table.physical_name, error=type(error).__name__)
            await record_failure(lease, table, errors.own_error(type(error).__name__))
        return None


async def _profile_twice(
    lease: Lease,
    table: PlannedTable,
    physical_name: str,
    profiler: TableProfiler,
    deadline: timedelta,
) -> str | None:
    """Try once more what may pass; return why a second time did not help either."""
    try:
        await _profile(lease, table, physical_name, profiler, deadline)
        return None
    except TableUnavailable as error:
        log.warning(Event.TABLE_RETRIED, table=physical_name, error=str(error))
    await anyio.sleep(_RETRY_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311
    try:
        await _profile(lease, table, physical_name, profiler, deadline)
    except TableUnavailable as error:
        log.warning(Event.TABLE_UNFINISHED, table=physical_name, error=str(error))
        return str(error)
    return None


async def _profile(
    lease: Lease,
    table: PlannedTable,
    physical_name: str,
    profiler: TableProfiler,
    deadline: timedelta,
) -> None:
    began = time.monotonic()
    tag = tag_of(lease.run.id, lease.attempt, table.schema_name)
    log.info(Event.TABLE_BEGUN, table=physical_name)
    await _enter(lease, table, Phase.SAMPLING)
    with anyio.move_on_after(deadline.total_seconds()) as limit:
        async with profiler.sample(physical_name, tag) as sample:
            await _enter(lease, table, Phase.PROFILING)
            profile = await profiler.profile(sample, tag)
    if limit.cancelled_caught:
        raise table_deadline(physical_name, f"{deadline.total_seconds():g}")
    await _enter(lease, table, Phase.WRITING)
    found = suggest(
        profile,
        run_id=lease.run.id,
        schema_name=table.schema_name,
        properties=table.properties,
    )
    seconds = time.monotonic() - began
    await lease.write(_written(lease, table, profile, found, seconds))
    log.info(
        Event.TABLE_PROFILED,
        table=physical_name,
        rows=profile.sample.rows,
        of_rows=profile.sample.of_rows,
        columns=profile.columns,
        suggestions=len(found.rows),
        seconds=round(seconds, 1),
    )


def _written(
    lease: Lease,
    table: PlannedTable,
    profile: TableProfile,
    found: Suggestions,
    seconds: float,
) -> Callable[[Connection], Awaitable[None]]:
    summary = profiled_part(profile, table.physical_name or "", seconds, found.held_back)

    async def write(transaction: Connection) -> None:
        # The heartbeat may not have looked since.
        if not await has_schema_object(transaction, table.object_id or ""):
            raise TableError(errors.schema_vanished())
        await write_suggestions(
            transaction,
            run_id=lease.run.id,
            contract_id=lease.run.contract_id,
            schema_name=table.schema_name,
            rows=found.rows,
        )
        await progress.complete(
            transaction,
            lease.run.id,
            table.schema_name,
            rows_sampled=profile.sample.rows,
            columns=profile.columns,
            suggestions=len(found.rows),
            summary=summary,
        )

    return write


async def _enter(lease: Lease, table: PlannedTable, phase: Phase) -> None:
    await lease.write(lambda tx: progress.enter(tx, lease.run.id, table.schema_name, phase))


async def _fail(lease: Lease, table: PlannedTable, error: str) -> None:
    log.warning(Event.TABLE_FAILED, table=table.physical_name, error=error)
    await record_failure(lease, table, error)


async def record_failure(lease: Lease, table: PlannedTable, error: str) -> None:
    """Record that a table failed, and why."""
    message = storable(error)
    await lease.write(
        lambda tx: progress.fail(
            tx,
            lease.run.id,
            table.schema_name,
            message,
            failed_part(table.physical_name, message),
        )
    )
