"""Options of the profiling room of which only the tables and the roots matter."""

import threading
from pathlib import Path

from worker.profiling.options import ProfilingOptions
from worker.spark.engine_kind import EngineKind
from worker.tables.resolve_name import resolve_table
from worker.tables.table_types import Table


def options(*roots: Path, tables: tuple[str, ...] = ("*",)) -> ProfilingOptions:
    return ProfilingOptions(engine=EngineKind.LOCAL, tables=tables, roots=roots, max_files=100)


def resolved(name: str, given: ProfilingOptions) -> Table:
    """Return the table that a name means, where nothing stops the look for it."""
    return resolve_table(name, given, threading.Event())
