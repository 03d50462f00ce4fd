"""How tables are sampled and counted, beside the options of the rooms that read them."""

from dataclasses import dataclass
from enum import StrEnum

from worker.profiling.results import Sampling
from worker.spark.options import SparkOptions
from worker.tables.options import TableOptions

__all__ = ["ProfilerChoice", "ProfilingOptions"]


class ProfilerChoice(StrEnum):
    """Who counts what DQX decides by."""

    AUTO = "auto"
    """The worker, if its counts were compared with stock DQX; else stock DQX."""
    FAST = "fast"
    """The worker; tables that it can't count fail."""
    STOCK = "stock"
    """Stock DQX."""


@dataclass(frozen=True, kw_only=True)
class ProfilingOptions(TableOptions, SparkOptions):
    """The options of the profiling room, those of tables and of Spark among them."""

    at_once: int
    """Tables in flight, over all runs."""
    profiler: ProfilerChoice
    sampling: Sampling
    """How a table of more rows than the limit is sampled: `STOCK` or `REPRESENTATIVE`."""
    sample_fraction: float
    """Of the rows, with `STOCK`."""
    sample_limit: int | None
    """Rows. A table of at most this many is read whole; None: every table is."""
    sample_seed: int
    sample_bytes: int
    """What may be fetched, as text and binary are long; larger samples Spark counts itself."""
    max_columns: int
    warm: bool = True
    """Whether a table is profiled before the first one that is asked for."""
