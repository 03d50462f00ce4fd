"""Where Spark runs, what may be profiled, and how much of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["EngineKind", "ProfilingOptions"]


class EngineKind(StrEnum):
    """Where Spark runs."""

    LOCAL = "local"
    RUNTIME = "runtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilingOptions:
    """The options of the profiling room."""

    engine: EngineKind
    tables: tuple[str, ...]
    """Patterns of table names that may be profiled, such as `main.sales.*`."""
    roots: tuple[Path, ...]
    """Folders below which files may be profiled."""
    at_once: int
    """Tables in flight, over all runs."""
    sample_fraction: float
    sample_limit: int
    """Rows. A table of at most this many is read whole."""
    sample_seed: int
    sample_bytes: int
    """The size of all rows that are looked at, as text and binary are long."""
    max_columns: int
    stuck_limit: int
    """Threads that hang in Spark and are replaced, before the process has to be."""
    spark_memory: str
    """The heap of the embedded JVM, as Spark writes sizes: `2g`."""
    in_job: bool = False
    """Whether the process runs in a Databricks job or notebook, where a session can be had."""
