"""Options of the profiling room of which only the tables and the roots matter."""

from pathlib import Path

from worker.profiling.options import EngineKind, ProfilerChoice, ProfilingOptions
from worker.profiling.profile import Sampling


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
        stuck_limit=4,
        spark_memory="1g",
    )
