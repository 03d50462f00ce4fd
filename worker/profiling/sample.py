"""Draws the rows that are profiled, and fetches them where that is how they will be counted.

At most three Spark actions, however wide the table is: its rows are counted, the size of those
that are drawn is measured, and they are fetched.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from worker.profiling import errors
from worker.profiling.encoding import is_utf8
from worker.profiling.engines.engine import Engine
from worker.profiling.fitness import without_unfit_columns
from worker.profiling.options import ProfilingOptions
from worker.profiling.profile import Counted, Counting, SampleFacts, Sampling
from worker.profiling.table import FileFormat, FileTable, Table
from worker.profiling.verified import how_to_count

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import StructField

__all__ = ["Sample", "draw_sample", "sample_of"]

_PLAIN_BYTES = 8
"""What a value that is neither text, binary nor nested counts for."""

_MOST_FETCHED = 49_999
"""Rows. Of more, Spark's percentiles depend on the values, and Spark has to count them."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows that are looked at, how they were drawn, and who counts them."""

    table: Table
    frame: "DataFrame"
    """The rows in Spark, which draws them again at each use; without columns that are unfit."""
    columns: int
    """Of the table, the unfit ones among them."""
    skipped_columns: Mapping[str, str]
    facts: SampleFacts
    counted: Counted
    rows: "pa.Table | None"
    """The rows themselves, if they are counted here."""


def draw_sample(engine: Engine, table: Table, options: ProfilingOptions) -> Sample:
    """Return a whole table of at most `sample_limit` rows, else a random part of it.

    Rows that together exceed `sample_bytes`, and a whole table without a limit, stay in Spark.
    Blocks. Raises `TableError`, and Spark's errors.
    """
    if isinstance(table, FileTable) and table.format is FileFormat.CSV and not is_utf8(table.path):
        raise errors.not_utf8(str(table))
    return sample_of(engine, table, engine.read(table), options)


def sample_of(
    engine: Engine, table: Table, frame: "DataFrame", options: ProfilingOptions
) -> Sample:
    """Return a sample of a frame that is the table; the rest of `draw_sample`."""
    columns = len(frame.columns)
    if not columns:
        # Spark lists a file that vanished meanwhile as no file at all.
        if isinstance(table, FileTable) and not table.path.exists():
            raise errors.not_found("file", str(table))
        raise errors.no_columns(str(table))
    if columns > options.max_columns:
        raise errors.too_many_columns(str(table), columns, options.max_columns)
    frame, skipped = without_unfit_columns(frame)
    counted = how_to_count(options.profiler, engine.session.version, frame.schema.fields)
    facts, frame = _draw(frame, options)
    if facts.limit is None:
        return Sample(table, frame, columns, skipped, facts, _left_to_spark(counted), None)
    measured = _measure(frame)
    most = min(facts.limit, facts.of_rows)
    drawn, size = measured or (most, most * len(frame.columns) * _PLAIN_BYTES)
    if size > options.sample_bytes or drawn > _MOST_FETCHED:
        counted = _left_to_spark(counted)
    rows: pa.Table | None = None
    if counted.by is Counting.FETCHED:
        rows = frame.toArrow()
        drawn = rows.num_rows
    elif measured is None:
        drawn = frame.count()
    facts = replace(facts, rows=drawn)
    return Sample(table, frame, columns, skipped, facts, counted, rows)


def _left_to_spark(counted: Counted) -> Counted:
    return Counted(Counting.SPARK) if counted.by is Counting.FETCHED else counted


def _draw(frame: "DataFrame", options: ProfilingOptions) -> tuple[SampleFacts, "DataFrame"]:
    """Return the rows to look at, undrawn, and what is known of them before."""
    of_rows = frame.count()
    limit = options.sample_limit
    whole = SampleFacts(of_rows, of_rows, Sampling.WHOLE, None, limit, None)
    if limit is None:
        return whole, frame
    if of_rows <= limit:
        # The limit brings all rows into one partition, as it does those of a sample: the order in
        # which Spark adds them up decides on the last bits of a mean.
        return whole, frame.limit(limit)
    fraction = options.sample_fraction
    if options.sampling is Sampling.REPRESENTATIVE:
        fraction = _spread(limit, of_rows)
    drawn = frame.sample(withReplacement=False, fraction=fraction, seed=options.sample_seed)
    facts = SampleFacts(0, of_rows, options.sampling, fraction, limit, options.sample_seed)
    return facts, drawn.limit(limit)


def _spread(limit: int, of_rows: int) -> float:
    """Return the share of which hardly ever more than `limit` rows are drawn.

    How many are drawn varies by the root of their number; four times that is left as room, so that
    the limit cuts no row off in 99.997 of a hundred tables.
    """
    return max(limit - 4 * math.sqrt(limit), limit / 2) / of_rows


def _measure(frame: "DataFrame") -> tuple[int, int] | None:
    """Return how many rows there are, and their bytes, as text and binary are long.

    None where no column's size depends on its values.
    """
    from pyspark.sql import functions

    fields = frame.schema.fields
    loose = [field for field in fields if not _plain(field)]
    if not loose:
        return None
    width = sum(map(_width, loose), functions.lit((len(fields) - len(loose)) * _PLAIN_BYTES))
    sized = frame.select(width.alias("width"))
    found = sized.agg(functions.count("width"), functions.sum("width")).first()
    count, size = found or (0, 0)
    return count, size or 0


def _plain(field: "StructField") -> bool:
    from pyspark.sql.types import AtomicType, BinaryType, StringType

    kind = field.dataType
    return isinstance(kind, AtomicType) and not isinstance(kind, StringType | BinaryType)


def _width(field: "StructField") -> "Column":
    from pyspark.sql import functions
    from pyspark.sql.types import BinaryType, StringType

    column = functions.col("`" + field.name.replace("`", "``") + "`")
    if not isinstance(field.dataType, StringType | BinaryType):
        column = column.cast("string")
    return functions.coalesce(functions.octet_length(column), functions.lit(0)).cast("bigint")
