"""Draws the rows that are profiled, and fetches them where that is how they will be counted.

Two Spark actions, however wide the table is: its rows are counted, where no footer tells them, and
those that are drawn are fetched. Three where some of them are large, or stay in Spark.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from worker.profiling import errors
from worker.profiling.dqx_options import DqxOptions
from worker.profiling.engines.engine import Engine
from worker.profiling.fetch import Fetched, fetch
from worker.profiling.file_facts import FileFacts
from worker.profiling.names import Names, rename
from worker.profiling.options import ProfilingOptions
from worker.profiling.paths import path_of
from worker.profiling.profile import Counted, Counting, SampleFacts, Sampling
from worker.profiling.source import Source
from worker.profiling.spark_errors import condition as spark_condition
from worker.profiling.table import FileTable, Table
from worker.profiling.verified import how_to_count

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

__all__ = ["Sample", "draw_others", "draw_sample", "sample_of"]

_NOTHING: Mapping[str, str] = {}
_MOST_FETCHED = 49_999
"""Rows. Of more, Spark's percentiles depend on the values, and Spark has to count them."""
_FEW = 64
"""Rows. Where fewer are asked for, room for chance would leave none."""
_PARTS = 4
"""A part of a table this large may be read by a single task."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows that are looked at, how they were drawn, and who counts them."""

    table: Table
    source: "DataFrame"
    """The whole table, without columns that are left out, under the names of `frame`."""
    frame: "DataFrame"
    """The rows in Spark, which draws them again at each use."""
    columns: int
    """Of the table, those that are left out among them."""
    skipped_columns: Mapping[str, str]
    facts: SampleFacts
    counted: Counted
    rows: "pa.Table | None"
    """The rows themselves, if they are counted here; without columns that stock DQX counts."""
    names: Names = field(default_factory=Names)
    """The columns' own names."""
    chosen: DqxOptions = field(default_factory=DqxOptions)
    """How DQX is to profile them."""
    file: FileFacts | None = None
    """How the table's files were read, if it is one of files."""


def draw_sample(
    engine: Engine,
    table: Table,
    options: ProfilingOptions,
    chosen: DqxOptions | None = None,
) -> Sample:
    """Return a whole table of at most `sample_limit` rows, else a random part of it.

    `chosen` counts more than `options`, and rows that its filter leaves out are not the table's.
    Rows that together exceed `sample_bytes`, and a whole table without a limit, stay in Spark.
    Blocks. Raises `TableError`, and Spark's errors.
    """
    source = engine.read(table)
    sample = sample_of(
        engine, table, source.frame, options, chosen, unread=source.unread, rows=source.rows
    )
    return replace(sample, file=_file_facts(table, source))


def sample_of(
    engine: Engine,
    table: Table,
    frame: "DataFrame",
    options: ProfilingOptions,
    chosen: DqxOptions | None = None,
    *,
    unread: Mapping[str, str] = _NOTHING,
    rows: int | None = None,
) -> Sample:
    """Return a sample of a frame that is the table but for columns that are `unread`.

    `rows` is their number, if it is known. The rest of `draw_sample`.
    """
    columns = len(frame.columns) + len(unread)
    if not columns:
        _check_that_it_is_there(table)
        raise errors.no_columns(str(table))
    leaves = len(unread) + _leaves(frame.schema)
    if leaves > options.max_columns:
        raise errors.too_many_columns(str(table), leaves, options.max_columns)
    counted = how_to_count(options.profiler, engine.session.version, frame.schema.fields)
    chosen = chosen or DqxOptions()
    options = _as_chosen(options, chosen)
    if chosen.filter is not None:
        # It has the columns' own names.
        frame = _filtered(table, frame, chosen.filter)
    frame, names, skipped = rename(frame)
    skipped = {**unread, **skipped}
    known = None if chosen.filter is not None else rows
    of_rows = frame.count() if known is None else known
    if not of_rows:
        _check_that_it_is_there(table)
    facts = _facts(of_rows, options, of_all=chosen.sample_fraction is None)
    drawn = _drawn(frame, facts)
    fetched = Fetched(None, None)
    if counted.by is Counting.FETCHED:
        odd = [names.in_frame(path_of([name])) for name in counted.stock_columns]
        fetched = _fetch(frame.drop(*odd), facts, options.sample_bytes, counted=known is None)
        if fetched.rows is None:
            counted = replace(counted, by=Counting.SPARK)
    looked_at = fetched.drawn
    if looked_at is None:
        looked_at = facts.of_rows if facts.whole else drawn.count()
    facts = replace(facts, rows=looked_at)
    return Sample(
        table, frame, drawn, columns, skipped, facts, counted, fetched.rows, names, chosen
    )


def _leaves(schema: "StructType") -> int:
    """Return the number of columns that a schema comes to: each field of a struct is one."""
    from pyspark.sql.types import StructType

    return sum(
        _leaves(one.dataType) if isinstance(one.dataType, StructType) and one.dataType.fields else 1
        for one in schema.fields
    )


def _file_facts(table: Table, source: Source) -> FileFacts | None:
    if not isinstance(table, FileTable):
        return None
    return FileFacts(
        format=table.format,
        files=len(table.parts),
        empty_files=table.empty_files,
        other_files=table.other_files,
        lacking=source.lacking,
        widened=source.widened,
    )


def _as_chosen(options: ProfilingOptions, chosen: DqxOptions) -> ProfilingOptions:
    """Return the options with what is chosen of the sample; a fraction means DQX's way to draw.

    Then a small table is drawn from, too.
    """
    if chosen.sample_fraction is not None:
        options = replace(options, sampling=Sampling.STOCK, sample_fraction=chosen.sample_fraction)
    if chosen.limit is not None:
        options = replace(options, sample_limit=chosen.limit or None)
    if chosen.sample_seed is not None:
        options = replace(options, sample_seed=chosen.sample_seed)
    return options


def draw_others(sample: Sample) -> "DataFrame | None":
    """Return rows that are not in the sample, undrawn: as many at most, from all of the table.

    None where there are none, or none that can be told from the sample's.
    """
    from pyspark.sql import functions

    facts = sample.facts
    if facts.fraction is None or facts.seed is None or not facts.rows:
        return None
    share = min(_spread(facts.rows, facts.of_rows), 1 - facts.fraction)
    if share <= 0:
        return None
    # `sample` takes the rows whose number of just this row of numbers is below its fraction
    # (Spark 4, BernoulliCellSampler and Rand). In one expression: each has a row of its own.
    number = functions.floor((functions.rand(facts.seed) - facts.fraction) / share)
    return sample.source.where(number == 0).limit(facts.rows)


def _check_that_it_is_there(table: Table) -> None:
    """Raise `TableError` for a file that vanished: to Spark it may be a table without rows."""
    if isinstance(table, FileTable) and not table.path.exists():
        raise errors.not_found("file", str(table))


def _filtered(table: Table, frame: "DataFrame", condition: str) -> "DataFrame":
    """Return the rows that a request wants to be the table's. Raises `TableError`."""
    from pyspark.errors import AnalysisException

    try:
        chosen = frame.where(condition)
        # A remote session reads the condition when it has to know the columns.
        return chosen if chosen.schema else frame
    except AnalysisException as error:
        raise errors.filter_not_applicable(str(table), spark_condition(error)) from None


def _facts(of_rows: int, options: ProfilingOptions, *, of_all: bool) -> SampleFacts:
    """Return how rows are drawn, before they are; `of_all` where a small table is read whole."""
    limit, fraction = options.sample_limit, options.sample_fraction
    if (limit is None or of_rows <= limit) and (of_all or fraction == 1):
        return SampleFacts(of_rows, of_rows, Sampling.WHOLE, None, limit, None)
    if limit is not None and options.sampling is Sampling.REPRESENTATIVE:
        fraction = _spread(limit, of_rows) if limit >= _FEW else _enough(limit, of_rows)
    return SampleFacts(0, of_rows, options.sampling, fraction, limit, options.sample_seed)


def _drawn(frame: "DataFrame", facts: SampleFacts) -> "DataFrame":
    """Return the rows to look at, undrawn.

    A limit brings them into one partition, those of a whole table too: the order in which Spark
    adds them up decides on the last bits of a mean.
    """
    chosen = _chosen(frame, facts)
    return chosen if facts.limit is None else chosen.limit(facts.limit)


def _chosen(frame: "DataFrame", facts: SampleFacts) -> "DataFrame":
    if facts.fraction is None:
        return frame
    return frame.sample(withReplacement=False, fraction=facts.fraction, seed=facts.seed)


def _fetch(frame: "DataFrame", facts: SampleFacts, most_bytes: int, *, counted: bool) -> Fetched:
    """Fetch the rows of `_drawn`, in their order; `counted`, if Spark had to count the table's."""
    if facts.limit is None or min(facts.limit, facts.of_rows) > _MOST_FETCHED:
        return Fetched(None, None)
    most_rows = min(facts.limit, facts.of_rows)
    if facts.whole and not counted:
        # For a limit Spark would shuffle them.
        return fetch(frame, most_rows, most_bytes, as_many=True)
    if (
        facts.sampling is Sampling.STOCK
        and _PARTS * most_rows <= (facts.fraction or 0) * facts.of_rows
    ):
        # Of each partition Spark would draw as many, and leave all but those of the first ones.
        first = _chosen(frame, facts).coalesce(1).limit(most_rows)
        return fetch(first, most_rows, most_bytes, as_many=not counted)
    return fetch(_drawn(frame, facts), most_rows, most_bytes)


def _enough(limit: int, of_rows: int) -> float:
    """Return the share of which hardly ever fewer than so few rows are drawn, and some cut off.

    Of a table that is hardly larger, not everything: the first rows would be no random ones.
    """
    return min((limit + 4 * math.sqrt(limit) + 8) / of_rows, (1 + limit / of_rows) / 2)


def _spread(limit: int, of_rows: int) -> float:
    """Return the share of which hardly ever more than `limit` rows are drawn.

    How many are drawn varies by the root of their number; four times that is left as room, so that
    the limit cuts no row off in 99.997 of a hundred tables.
    """
    return max(limit - 4 * math.sqrt(limit), limit / 2) / of_rows
