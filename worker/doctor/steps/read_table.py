"""The step 'table': read a row of a table that a contract names and that may be profiled."""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from worker.database.sql import load_sql
from worker.doctor.errors import files as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult, StepSkipped
from worker.doctor.steps.own_schema import seen_through
from worker.doctor.thread_with_deadline import in_thread
from worker.profiling.options import ProfilingOptions
from worker.spark.engine import Engine
from worker.spark.engine_kind import EngineKind
from worker.spark.error_conditions import table_error
from worker.tables.errors import TableError, TableUnavailable
from worker.tables.resolve_name import resolve_table
from worker.tables.table_types import CatalogTable, Table
from worker.telemetry.cures import cures

__all__ = ["check_table"]

_NAMED = load_sql(__package__, "named_tables")
_MOST = 1000
"""Names that are looked at."""
_TRIED = 5
"""Tables that are read, until one can be."""
_RESOLVE = timedelta(seconds=10)
_READ = timedelta(seconds=60)
_CURES = 3
_SCHEMA = "the schema"


async def check_table(setup: Setup) -> StepResult:
    """Read one row of the first table that can be read, of the first few that may be.

    Without an engine the step only reports that there is one to read.
    """
    setup.roots.take()
    setup.readable.take()
    async with seen_through(setup.database.take(), setup.database_options) as connection:
        rows = await connection.fetch(_NAMED, _MOST)
    if not rows:
        raise StepSkipped("no contract names a table yet")
    stopped = threading.Event()
    try:
        allowed, refused = await in_thread(
            lambda: _allowed(rows, setup.options.profiling, stopped),
            _RESOLVE + _RESOLVE,
            errors.table_silent("a folder", f"{2 * _RESOLVE.total_seconds():g}"),
        )
    finally:
        stopped.set()
    if not allowed:
        whose = [one for error in refused for one in cures(error)]
        hints = list(dict.fromkeys(whose))[:_CURES]
        raise StepFailed(errors.none_allowed(len(refused), refused[0]), hints, {"named": len(rows)})
    if setup.engine.missing:
        named, table = allowed[0]
        said = f"{table}, {_SCHEMA} {named}: may be profiled; not read, as there is no engine"
        return StepResult(said, {"table": str(table), "named": named, "columns": None})
    kind = setup.options.profiling.engine
    return await _first_readable(setup.engine.take(), kind, allowed)


def _allowed(
    rows: Sequence[Any], options: ProfilingOptions, stopped: threading.Event
) -> tuple[list[tuple[str, Table]], list[TableError | TableUnavailable]]:
    """Return the first few tables that may be profiled, each with who names it; or why none may."""
    allowed: list[tuple[str, Table]] = []
    refused: list[TableError | TableUnavailable] = []
    give_up = time.monotonic() + _RESOLVE.total_seconds()
    for row in rows:
        try:
            table = resolve_table(row["physical_name"], options, stopped)
        except (TableError, TableUnavailable) as error:
            refused.append(error)
        else:
            allowed.append((f"{row['name']} of contract {row['contract_id']}", table))
        if len(allowed) == _TRIED or time.monotonic() > give_up:
            break
    return allowed, refused


async def _first_readable(
    engine: Engine, kind: EngineKind, allowed: Sequence[tuple[str, Table]]
) -> StepResult:
    failures: list[TableError] = []
    for named, table in allowed:
        try:
            columns = await _read(engine, table)
        except TableError as error:
            failures.append(error)
            continue
        remarks = [hint(errors.some_unreadable(one)) for one in failures]
        detail = {"table": str(table), "named": named, "columns": columns}
        return StepResult(f"{table}, {_SCHEMA} {named}: columns: {columns}", detail, remarks)
    first, *others = failures
    hints = [f"{one}: {' '.join(cures(one))}" for one in others]
    if kind is EngineKind.LOCAL and isinstance(allowed[0][1], CatalogTable):
        hints.insert(0, hint(errors.no_catalog()))
    raise StepFailed(first, hints)


async def _read(engine: Engine, table: Table) -> int:
    """Read a row and forget it. Return the number of columns. Raises `TableError`."""

    def read() -> int:
        try:
            frame = engine.read(table).frame
            frame.limit(1).collect()
        except TableError:
            raise
        # Spark raises a class for each condition, and Java's own errors beside them.
        except Exception as error:
            raise table_error(table, error) from error
        return len(frame.columns)

    return await in_thread(read, _READ, errors.table_silent(table, f"{_READ.total_seconds():g}"))
