"""One table of a run: from its name to committed suggestions, or to a sentence why not."""

import time
from collections.abc import Awaitable, Callable

import structlog

from worker.attempt import errors, progress
from worker.attempt.plan import PlannedTable
from worker.attempt.progress import Phase
from worker.attempt.summary import failed_part, profiled_part
from worker.checks.row import Suggestions, suggest
from worker.database.errors import DatabaseConflict, DatabaseRefused, DatabaseUnavailable
from worker.database.pool import Connection
from worker.database.text import storable
from worker.profiling.errors import TableError
from worker.profiling.profile import TableProfile
from worker.profiling.profiler import TableProfiler
from worker.queue.lease import Lease, LeaseLost, RunOverruled
from worker.suggestions.write import write_suggestions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["ENDS_THE_ATTEMPT", "work_on_table"]

log = get_logger(__name__)

ENDS_THE_ATTEMPT = (
    LeaseLost,
    RunOverruled,
    DatabaseUnavailable,
    DatabaseConflict,
    DatabaseRefused,
)


async def work_on_table(lease: Lease, table: PlannedTable, profiler: TableProfiler) -> None:
    """Profile a table and write what it gives; a table at fault is recorded as failed.

    Raises what ends the attempt: `LeaseLost`, `RunOverruled`, and of the database's errors those
    that have nothing to do with what is written.
    """
    with structlog.contextvars.bound_contextvars(schema=table.schema_name):
        try:
            if table.problem is not None or table.physical_name is None:
                raise TableError(table.problem or errors.no_physical_name())
            await _profile(lease, table, table.physical_name, profiler)
        except TableError as error:
            await _fail(lease, table, str(error))
        except ENDS_THE_ATTEMPT:
            raise
        # A defect of ours or of a library, or a value that can't be stored, costs this table only.
        except Exception as error:
            log.exception(Event.TABLE_FAILED, table=table.physical_name, error=type(error).__name__)
            await _record_failure(lease, table, errors.own_error(type(error).__name__))


async def _profile(
    lease: Lease, table: PlannedTable, physical_name: str, profiler: TableProfiler
) -> None:
    began = time.monotonic()
    tag = f"dqx-worker {lease.run.id} {lease.attempt} {table.schema_name}".replace(",", " ")
    log.info(Event.TABLE_BEGUN, table=physical_name)
    await _enter(lease, table, Phase.SAMPLING)
    async with profiler.sample(physical_name, tag) as sample:
        await _enter(lease, table, Phase.PROFILING)
        profile = await profiler.profile(sample, tag)
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
    await _record_failure(lease, table, error)


async def _record_failure(lease: Lease, table: PlannedTable, error: str) -> None:
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
