"""The rows of table_progress: where each table of a run stands, and what it gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.telemetry.text import CAUSE_LIMIT, bounded

__all__ = [
    "Phase",
    "TableRecord",
    "begin",
    "complete",
    "enter",
    "fail",
    "forget_ended",
    "forget_unfinished",
    "has_begun",
    "records",
    "skip_open",
]

_FORGET = load_sql(__package__, "forget_ended")
_FORGET_OTHERS = load_sql(__package__, "forget_others")
_FORGET_UNFINISHED = load_sql(__package__, "forget_unfinished")
_BEGIN = load_sql(__package__, "begin_tables")
_ENTER = load_sql(__package__, "enter_phase")
_COMPLETE = load_sql(__package__, "complete_table")
_FAIL = load_sql(__package__, "fail_table")
_SKIP_OPEN = load_sql(__package__, "skip_open_tables")
_BEGUN = load_sql(__package__, "tables_begun")
_RECORDS = load_sql(__package__, "table_records")


class Phase(StrEnum):
    """What is done with a table."""

    SAMPLING = "sampling"
    PROFILING = "profiling"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class TableRecord:
    """How a table ended. `summary` is its part of summary_stats, as JSON."""

    schema_name: str
    state: str
    suggestions: int
    error: str | None
    summary: str | None


async def begin(
    transaction: Connection, run_id: str, attempt: int, schema_names: Sequence[str]
) -> set[str]:
    """Make the rows of an attempt; return the names that an earlier one is done with.

    An attempt that was interrupted leaves the tables that it has completed, or that can't be
    profiled at all, to the next one. One that ended
    the run does not: whoever asks for the run again wants it done again.
    """
    await forget_ended(transaction, run_id)
    await transaction.execute(_FORGET_OTHERS, run_id, list(schema_names))
    rows = await transaction.fetch(_BEGIN, run_id, attempt, list(schema_names))
    begun = {row["schema_name"] for row in rows}
    return {name for name in schema_names if name not in begun}


async def enter(transaction: Connection, run_id: str, schema_name: str, phase: Phase) -> None:
    """Tell that a table is in a phase."""
    await transaction.execute(_ENTER, run_id, schema_name, phase)


async def complete(
    transaction: Connection,
    run_id: str,
    schema_name: str,
    *,
    rows_sampled: int,
    columns: int,
    suggestions: int,
    summary: str,
) -> None:
    """Tell that a table is done; belongs into the transaction that writes its suggestions."""
    await transaction.execute(
        _COMPLETE, run_id, schema_name, rows_sampled, columns, suggestions, summary
    )


async def fail(
    transaction: Connection, run_id: str, schema_name: str, error: str, summary: str
) -> None:
    """Store that a table failed, and why."""
    await transaction.execute(_FAIL, run_id, schema_name, bounded(error, CAUSE_LIMIT), summary)


async def forget_ended(transaction: Connection, run_id: str) -> None:
    """Drop what belongs to attempts before the last one that ended the run."""
    await transaction.execute(_FORGET, run_id)


async def forget_unfinished(transaction: Connection, run_id: str) -> None:
    """Drop the rows of tables that have not ended."""
    await transaction.execute(_FORGET_UNFINISHED, run_id)


async def skip_open(transaction: Connection, run_id: str, reason: str) -> bool:
    """Tell of the tables that have not ended that they will not be profiled, and why.

    Returns whether there were any.
    """
    return bool(await transaction.fetch(_SKIP_OPEN, run_id, bounded(reason, CAUSE_LIMIT)))


async def has_begun(transaction: Connection, run_id: str, attempt: int) -> bool:
    """Tell whether this attempt had come as far as its tables."""
    return bool(await transaction.fetchval(_BEGUN, run_id, attempt))


async def records(transaction: Connection, run_id: str) -> list[TableRecord]:
    """Return how every table of a run stands."""
    rows = await transaction.fetch(_RECORDS, run_id)
    return [
        TableRecord(
            schema_name=row["schema_name"],
            state=row["state"],
            suggestions=row["suggestions"] or 0,
            error=row["error"],
            summary=row["summary"],
        )
        for row in rows
    ]
