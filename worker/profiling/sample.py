"""Draws the rows that are profiled: the same that stock DQX would draw with the same options."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from worker.profiling import errors
from worker.profiling.encoding import is_utf8
from worker.profiling.engines.engine import Engine
from worker.profiling.options import ProfilingOptions
from worker.profiling.profile import SampleFacts
from worker.profiling.table import FileFormat, FileTable, Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import StructField

__all__ = ["Sample", "draw_sample"]

_PLAIN_BYTES = 8
"""What a value that is neither text, binary nor nested counts for."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows, kept by Spark until they are released, and how they were drawn."""

    table: Table
    frame: "DataFrame"
    facts: SampleFacts


def draw_sample(engine: Engine, table: Table, options: ProfilingOptions) -> Sample:
    """Return a whole table of at most `sample_limit` rows, else a random part of it.

    Of rows that together exceed `sample_bytes` only the first ones are kept. Blocks. Raises
    `TableError`, and Spark's errors.
    """
    if isinstance(table, FileTable) and table.format is FileFormat.CSV and not is_utf8(table.path):
        raise errors.not_utf8(str(table))
    frame = engine.read(table)
    if not frame.columns:
        raise errors.no_columns(str(table))
    if len(frame.columns) > options.max_columns:
        raise errors.too_many_columns(str(table), len(frame.columns), options.max_columns)
    of_rows = frame.count()
    whole = of_rows <= options.sample_limit
    if not whole:
        frame = frame.sample(
            withReplacement=False, fraction=options.sample_fraction, seed=options.sample_seed
        ).limit(options.sample_limit)
    drawn, kept = _measure(frame, options.sample_bytes)
    if kept < drawn:
        frame = frame.limit(kept)
    frame = engine.kind.keep(_kept_apart(frame))
    # Drawn here, what can't be read is the table's fault; later it would be each column's.
    frame.count()
    return Sample(
        table=table,
        frame=frame,
        facts=SampleFacts(
            rows=kept,
            drawn=drawn,
            of_rows=of_rows,
            whole=whole and kept == drawn,
            fraction=None if whole else options.sample_fraction,
            limit=options.sample_limit,
            seed=None if whole else options.sample_seed,
        ),
    )


def _kept_apart(frame: "DataFrame") -> "DataFrame":
    """Return the same rows under a plan that no other frame has.

    Spark keeps rows by their plan: two runs that sample one table would share what is kept, and
    the first to release it would take it from under the other.
    """
    from pyspark.sql import functions

    return frame.where(functions.lit(str(uuid4())).isNotNull())


def _measure(frame: "DataFrame", limit: int) -> tuple[int, int]:
    """Return how many rows there are, and how many of the first ones fit into `limit` bytes.

    Counted as text and binary are long, before anything is kept in memory. Where the mean row
    would do but the first rows are the long ones, the longest row decides; one row always stays.
    """
    from pyspark.sql import functions

    width = sum((_width(field) for field in frame.schema.fields), functions.lit(0))
    sized = frame.select(width.alias("width"))

    def totals(rows: "DataFrame") -> tuple[int, int, int]:
        counted = rows.agg(
            functions.count("width"), functions.sum("width"), functions.max("width")
        ).first()
        count, total, longest = counted or (0, 0, 0)
        return count, total or 0, longest or 1

    drawn, total, longest = totals(sized)
    if total <= limit:
        return drawn, drawn
    kept = max(1, drawn * limit // total)
    _, total, _ = totals(sized.limit(kept))
    if total > limit:
        kept = max(1, min(kept, limit // longest))
    return drawn, kept


def _width(field: "StructField") -> "Column":
    from pyspark.sql import functions
    from pyspark.sql.types import ArrayType, BinaryType, MapType, StringType, StructType

    column = functions.col("`" + field.name.replace("`", "``") + "`")
    if isinstance(field.dataType, ArrayType | MapType | StructType):
        column = column.cast("string")
    elif not isinstance(field.dataType, StringType | BinaryType):
        return functions.lit(_PLAIN_BYTES)
    return functions.coalesce(functions.octet_length(column), functions.lit(0)).cast("bigint")
