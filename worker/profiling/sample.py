"""Draws the rows that are profiled: the same that stock DQX would draw with the same options."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.profiling import errors
from worker.profiling.engine import Engine
from worker.profiling.options import ProfilingOptions
from worker.profiling.profile import SampleFacts
from worker.profiling.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Sample", "draw_sample"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows, kept by Spark until `release`, and how they were drawn."""

    table: Table
    frame: "DataFrame"
    facts: SampleFacts

    def release(self) -> None:
        """Let Spark forget the rows."""
        self.frame.unpersist()


def draw_sample(engine: Engine, table: Table, options: ProfilingOptions) -> Sample:
    """Return a whole table of at most `sample_limit` rows, else a random part of it.

    Blocks. Raises `TableError` for a table without columns, and Spark's errors.
    """
    frame = engine.read(table)
    if not frame.columns:
        raise errors.no_columns(str(table))
    of_rows = frame.count()
    whole = of_rows <= options.sample_limit
    if not whole:
        frame = frame.sample(
            withReplacement=False, fraction=options.sample_fraction, seed=options.sample_seed
        ).limit(options.sample_limit)
    # DQX runs one to three actions a column, each of which would draw the rows anew.
    frame = frame.persist()
    return Sample(
        table=table,
        frame=frame,
        facts=SampleFacts(
            rows=frame.count(),
            of_rows=of_rows,
            whole=whole,
            fraction=None if whole else options.sample_fraction,
            limit=options.sample_limit,
            seed=None if whole else options.sample_seed,
        ),
    )
