"""Options of the profiling room of which only the tables and the roots matter."""

import threading
from pathlib import Path

from worker.profiling.options import ProfilerChoice, ProfilingOptions
from worker.profiling.results import Sampling
from worker.spark.options import EngineKind
from worker.tables.resolve_name import resolve_table
from worker.tables.table import Table


def options(*roots: Path, tables: tuple[str, ...] = ("*",)) -> ProfilingOptions:
    return ProfilingOptions(
        engine=EngineKind.LOCAL,
        tables=tables,
        roots=roots,
        at_once=1,
        profiler=ProfilerChoice.AUTO,
        sampling=Sampling.STOCK,
        sample_fraction=0.1,
        sample_limit=5000,
        sample_seed=42,
        sample_bytes=100_000_000,
        max_columns=2000,
        max_files=100,
        stuck_limit=4,
        spark_memory="1g",
    )


def resolved(name: str, given: ProfilingOptions) -> Table:
    """Return the table that a name means, where nothing stops the look for it."""
    return resolve_table(name, given, threading.Event())
