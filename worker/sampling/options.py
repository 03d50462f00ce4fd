"""How tables are sampled, and who counts their rows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ByteSize, NonNegativeInt, PositiveInt

from worker.options.setting import setting
from worker.options.values import Bytes
from worker.sampling.dqx_options import JAVA_INT_MAX, Seed
from worker.sampling.sample_facts import Sampling

__all__ = ["ProfilerChoice", "SamplingOptions"]


class ProfilerChoice(StrEnum):
    """Who counts what DQX decides by."""

    AUTO = "auto"
    """The worker, if its counts were compared with stock DQX; else stock DQX."""
    FAST = "fast"
    """The worker; tables that it can't count fail."""
    STOCK = "stock"
    """Stock DQX."""


@dataclass(frozen=True, kw_only=True)
class SamplingOptions:
    """What an operator may set of sampling and counting.

    For functions that draw rows, `sample_limit` is None if every table is to be read whole.
    """

    profiler: Annotated[
        ProfilerChoice,
        setting(
            "DQX_WORKER_PROFILER",
            "Program that computes the counts by which DQX decides: the worker (`fast`; a table "
            "that it cannot count fails), DQX itself (`stock`), or the worker and, for what it "
            "cannot count, DQX (`auto`).",
        ),
    ] = ProfilerChoice.AUTO
    sampling: Annotated[
        Literal[Sampling.STOCK, Sampling.REPRESENTATIVE],
        setting(
            "DQX_WORKER_SAMPLING",
            "Rows that are sampled: `representative` takes random rows of the whole table, `stock`"
            " the first rows of a random share, as DQX does.",
        ),
    ] = Sampling.REPRESENTATIVE
    sample_fraction: Annotated[
        float,
        setting(
            "DQX_WORKER_SAMPLE_FRACTION",
            "With `stock`: share of a table's rows that is drawn.",
            gt=0,
            le=1,
        ),
    ] = 0.1
    sample_limit: Annotated[
        NonNegativeInt | None,
        setting(
            "DQX_WORKER_SAMPLE_LIMIT",
            "Maximum number of rows in a sample. A table of at most this many rows is read whole. "
            "With 0 every table is.",
            le=JAVA_INT_MAX,
        ),
    ] = 5000
    sample_seed: Annotated[Seed, setting("DQX_WORKER_SAMPLE_SEED", "Seed of the sample.")] = 42
    sample_bytes: Annotated[
        Bytes,
        setting(
            "DQX_WORKER_SAMPLE_BYTES",
            "Maximum size of a sample that the worker fetches, such as `100MB`. Spark counts "
            "larger ones itself. The rows on which rules are tried may take as much again.",
            gt=0,
        ),
    ] = ByteSize(100_000_000)
    max_columns: Annotated[
        PositiveInt,
        setting(
            "DQX_WORKER_MAX_COLUMNS",
            "Maximum number of columns of a table. Each field of a struct is a column.",
        ),
    ] = 2000
