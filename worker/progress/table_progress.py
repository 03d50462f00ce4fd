"""The rows of table_progress: where each table of a run stands, and what it gave."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue.lease import Lease
from worker.telemetry.text import CAUSE_LIMIT, bounded

__all__ = [
    "Phase",
    "TableRecord",
    "Tables",
    "begin",
    "close",
    "complete",
    "enter",
    "fail",
    "forget_unfinished",
    "read_tables",
    "skip_open",
    "stand",
]

_FORGET = load_sql(__package__, "forget_ended")
_FORGET_OTHERS = load_sql(__package__, "forget_others")
_FORGET_UNFINISHED = load_sql(__package__, "forget_unfinished")
_BEGIN = load_sql(__package__, "begin_tables")
_ENTER = load_sql(__package__, "enter_phases")
_COMPLETE = load_sql(__package__, "complete_table")
_FAIL = load_sql(__package__, "fail_table")
_CLOSE = load_sql(__package__, "close_tables")
_SKIP_OPEN = load_sql(__package__, "skip_open_tables")
_RECORDS = load_sql(__package__, "table_records")
_PARTS = load_sql(__package__, "table_parts")
_STAND = load_sql(__package__, "tables_stand")

_PAGE = 4_000_000
"""Bytes of summaries that are read with one statement."""
_OPEN = ("pending", "sampling", "profiling", "writing")


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

    @property
    def is_open(self) -> bool:
        """Whether the table has not ended."""
        return self.state in _OPEN


@dataclass(frozen=True, slots=True)
class Tables:
    """How the tables of a run stood when they were read."""

    records: Sequence[TableRecord]
    begun: bool
    """Whether the attempt has begun to work on tables."""
    stand: str
    """Is compared with a later `stand`, to see whether anything has changed."""


async def begin(
    transaction: Connection, run_id: str, attempt: int, schema_names: Sequence[str]
) -> set[str]:
    """Make the rows of an attempt; return the names that an earlier one is done with.

    An attempt that was interrupted leaves the tables that it has completed, or that can't be
    profiled at all, to the next one. One that ended
    the run does not: a request for the same run again means that it is to be done again.
    """
    await transaction.execute(_FORGET, run_id)
    await transaction.execute(_FORGET_OTHERS, run_id, list(schema_names))
    rows = await transaction.fetch(_BEGIN, run_id, attempt, list(schema_names))
    begun = {row["schema_name"] for row in rows}
    return {name for name in schema_names if name not in begun}


async def enter(connection: Connection, lease: Lease, phases: Mapping[str, Phase]) -> None:
    """Store in which phases tables of the run are, by their names, if the lease still holds.

    Tables that have ended stay as they are.
    """
    await connection.execute(
        _ENTER, lease.run.id, list(phases), list(phases.values()), lease.token, lease.job
    )


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
    """Mark a table as done; belongs into the transaction that writes its suggestions."""
    await transaction.execute(
        _COMPLETE, run_id, schema_name, rows_sampled, columns, suggestions, summary
    )


async def fail(
    transaction: Connection, run_id: str, schema_name: str, error: str, summary: str
) -> None:
    """Store that a table failed, and why."""
    await transaction.execute(_FAIL, run_id, schema_name, bounded(error, CAUSE_LIMIT), summary)


async def forget_unfinished(transaction: Connection, run_id: str) -> None:
    """Drop the rows of tables that have not ended."""
    await transaction.execute(_FORGET_UNFINISHED, run_id)


async def skip_open(transaction: Connection, run_id: str, reason: str) -> None:
    """Mark the tables that have not ended as skipped and store the reason."""
    await transaction.execute(_SKIP_OPEN, run_id, bounded(reason, CAUSE_LIMIT))


async def close(transaction: Connection, run_id: str, reason: str) -> None:
    """Mark the tables of a run that ends as skipped if they have not ended.

    Those of attempts before its last end are deleted.
    """
    await transaction.execute(_CLOSE, run_id, bounded(reason, CAUSE_LIMIT))


async def stand(connection: Connection, run_id: str) -> str:
    """Return a text that changes with everything that happens to a table of the run."""
    return await connection.fetchval(_STAND, run_id) or ""


async def read_tables(database: Database, run_id: str, attempt: int) -> Tables:
    """Return how every table of a run stands, for the end of this attempt.

    Tables of attempts before the last one that ended the run are left out.
    """
    async with database.connection() as connection:
        # First: what changes while the tables are read changes it, too.
        before = await stand(connection, run_id)
        rows = await connection.fetch(_RECORDS, run_id)
        parts: dict[str, str | None] = {}
        for names in _pages(rows):
            for row in await connection.fetch(_PARTS, run_id, names):
                parts[row["schema_name"]] = row["summary"]
    records = [
        TableRecord(
            schema_name=row["schema_name"],
            state=row["state"],
            suggestions=row["suggestions"],
            error=row["error"],
            summary=parts.get(row["schema_name"]),
        )
        for row in rows
    ]
    return Tables(records, any(row["attempt"] == attempt for row in rows), before)


def _pages(rows: Iterable[Any]) -> Iterator[list[str]]:
    """Yield the names of the tables that have a summary, those of about one page at a time."""
    names: list[str] = []
    size = 0
    for row in rows:
        if row["bytes"]:
            names.append(row["schema_name"])
            size += row["bytes"]
        if size >= _PAGE:
            yield names
            names, size = [], 0
    if names:
        yield names
