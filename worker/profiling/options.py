"""How tables are profiled, beside the options of the rooms that sample and read them."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import PositiveInt

from worker.options.setting import setting
from worker.sampling.options import SamplingOptions
from worker.spark.options import SparkOptions
from worker.tables.options import TableOptions

__all__ = ["ProfilingOptions", "ProfilingSettings"]


@dataclass(frozen=True, kw_only=True)
class ProfilingSettings(SamplingOptions):
    """What an operator may set of profiling, sampling included."""

    tables_at_once: Annotated[
        PositiveInt,
        setting(
            "DQX_WORKER_TABLES_AT_ONCE",
            "Maximum number of tables in work at once, over all runs. The others wait as "
            "`pending`, and their deadlines have not begun.",
            le=64,
        ),
    ] = 4


@dataclass(frozen=True, kw_only=True)
class ProfilingOptions(ProfilingSettings, TableOptions, SparkOptions):
    """The options of the profiling room, those of tables and of Spark among them.

    Its `sample_limit` is None for every table to be read whole.
    """

    warm: bool = True
    """Whether a table is profiled before the first one that is asked for."""
