"""Options of the profiling room of which only the tables and the roots matter."""

from pathlib import Path

from worker.profiling.options import EngineKind, ProfilingOptions


def options(*roots: Path, tables: tuple[str, ...] = ("*",)) -> ProfilingOptions:
    return ProfilingOptions(
        engine=EngineKind.LOCAL,
        tables=tables,
        roots=roots,
        at_once=1,
        sample_fraction=0.1,
        sample_limit=5000,
        sample_seed=42,
        spark_memory="1g",
    )
