"""Draws the rows that are profiled and those that are held out, and fetches them if they are small.

Two Spark actions, however wide the table is: its rows are counted, unless footers hold the number,
and the drawn ones are fetched. Three if some of them are large, or stay in Spark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from worker.sampling.comparison_result import NOT_COMPARED, Verdict
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.draw_rows import Drawn, Outgrown, fetch_drawn, leave_in_spark
from worker.sampling.options import SamplingOptions
from worker.sampling.random_rows import Others, facts_of
from worker.sampling.rename_columns import Names, rename
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling
from worker.sampling.verified_versions import support_for
from worker.spark.engine import Engine
from worker.spark.error_conditions import condition as spark_condition
from worker.spark.keep_rows import Kept
from worker.tables import errors
from worker.tables.column_paths import path_of
from worker.tables.file_facts import FileFacts
from worker.tables.footers import Footers
from worker.tables.parquet_files.direct import read_directly
from worker.tables.source import Source
from worker.tables.table_types import FileTable, Table

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructField, StructType

__all__ = ["Sample", "draw_sample", "in_spark", "sample_of"]

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows that are looked at, how they were drawn, and who counts them."""

    table: Table
    frame: "DataFrame"
    """The rows in Spark, which draws them again at each use, unless they are kept."""
    columns: int
    """Of the table, those that are left out among them."""
    skipped_columns: Mapping[str, str]
    facts: SampleFacts
    counted: Counted
    rows: "pa.Table | None"
    """The rows themselves, if they are counted here; without columns that stock DQX counts."""
    others: Others | None = None
    """The rows that are held out; None if there are none."""
    kept: Kept | None = None
    """What Spark keeps until the sample is released."""
    names: Names = field(default_factory=Names)
    """The columns' own names."""
    chosen: DqxOptions = field(default_factory=DqxOptions)
    """How DQX is to profile them."""
    file: FileFacts | None = None
    """How the table's files were read, if it is one of files."""

    def release(self) -> None:
        """Let Spark forget the rows that it keeps for the sample. Never raises."""
        if self.kept is not None:
            self.kept.release()


def draw_sample(
    engine: Engine,
    table: Table,
    options: SamplingOptions,
    chosen: DqxOptions | None = None,
    verdict: Verdict = NOT_COMPARED,
) -> Sample:
    """Return a whole table of at most `sample_limit` rows, else a random part of it.

    `chosen` counts more than `options`, and rows that its filter leaves out are not the table's.
    Rows that together exceed `sample_bytes` stay in Spark.
    Blocks. Raises `TableError`, and Spark's errors.
    """
    source = engine.read(table)
    sample = sample_of(
        engine,
        table,
        source.frame,
        options,
        chosen,
        unread=source.unread,
        rows=source.rows,
        footers=source.footers,
        verdict=verdict,
    )
    return replace(sample, file=_file_facts(table, source))


def sample_of(
    engine: Engine,
    table: Table,
    frame: "DataFrame",
    options: SamplingOptions,
    chosen: DqxOptions | None = None,
    *,
    unread: Mapping[str, str] = _NOTHING,
    rows: int | None = None,
    footers: Footers | None = None,
    verdict: Verdict = NOT_COMPARED,
) -> Sample:
    """Return a sample of a frame that is the table but for columns that are `unread`.

    `rows` is their number, if it is known, and `footers` are those of the files that the frame
    reads, if it reads nothing else. The rest of `draw_sample`.
    """
    columns = _columns(table, frame, len(unread), options.max_columns)
    counted = support_for(options.profiler, engine.session.version, frame.schema.fields, verdict)
    chosen = chosen or DqxOptions()
    options = _as_chosen(options, chosen)
    if chosen.filter is not None:
        # It has the columns' own names.
        frame = _filtered(table, frame, chosen.filter)
    in_files = frame.schema.fields
    frame, names, skipped = rename(frame)
    skipped = {**unread, **skipped}
    known = chosen.filter is None and rows is not None
    of_rows = rows if known and rows is not None else frame.count()
    if not of_rows:
        _check_that_it_is_there(table)
    facts = facts_of(of_rows, options, of_all=chosen.sample_fraction is None)
    if counted.by is Counting.FETCHED:
        odd = [names.in_frame(path_of([name])) for name in counted.stock_columns]
        direct = None
        if known and footers is not None and facts.whole and not skipped:
            most = options.sample_bytes
            direct = _read_whole(footers, in_files, frame, facts, most_bytes=most, odd=odd)
        drawn = direct or _fetch_or_leave(engine, frame, facts, options, known=known, odd=odd)
        if drawn.rows is None:
            counted = replace(counted, by=Counting.SPARK)
    else:
        drawn = leave_in_spark(engine.kind, frame, facts)
    return Sample(
        table=table,
        frame=drawn.frame,
        columns=columns,
        skipped_columns=skipped,
        facts=drawn.facts,
        counted=counted,
        rows=drawn.rows,
        others=drawn.others,
        kept=drawn.kept,
        names=names,
        chosen=chosen,
    )


def _columns(table: Table, frame: "DataFrame", unread: int, most: int) -> int:
    """Return how many columns a table has. Raises `TableError` if none, or too many leaves."""
    columns = len(frame.columns) + unread
    if not columns:
        _check_that_it_is_there(table)
        raise errors.no_columns(str(table))
    leaves = unread + _leaves(frame.schema)
    if leaves > most:
        raise errors.too_many_columns(str(table), leaves, most)
    return columns


def _read_whole(
    footers: Footers,
    in_files: Sequence["StructField"],
    frame: "DataFrame",
    facts: SampleFacts,
    *,
    most_bytes: int,
    odd: Sequence[str],
) -> Drawn | None:
    """Read all rows from the files of `frame`, without columns that are `odd`, if that can be."""
    names = {
        field.name: name
        for field, name in zip(in_files, frame.columns, strict=True)
        if name not in odd
    }
    fields = [field for field in in_files if field.name in names]
    rows = read_directly(footers, fields, most_bytes)
    if rows is None or (facts.limit is not None and rows.num_rows > facts.limit):
        return None
    facts = replace(facts, rows=rows.num_rows, of_rows=rows.num_rows)
    whole = frame if facts.limit is None else frame.limit(facts.limit)
    return Drawn(facts, whole, rows.rename_columns(list(names.values())))


def _fetch_or_leave(
    engine: Engine,
    frame: "DataFrame",
    facts: SampleFacts,
    options: SamplingOptions,
    *,
    known: bool,
    odd: Sequence[str],
) -> Drawn:
    """Fetch the rows if they are small enough, else leave them in Spark.

    A table that has outgrown the limit since it was counted is drawn from instead.
    """
    draw = partial(fetch_drawn, engine.kind, frame, most_bytes=options.sample_bytes, odd=odd)
    try:
        drawn = draw(facts, known=known)
    except Outgrown as now:
        facts = facts_of(now.of_rows, options, of_all=True)
        drawn = draw(facts, known=False)
    return drawn or leave_in_spark(engine.kind, frame, facts)


def in_spark(sample: Sample) -> "DataFrame":
    """Return the very rows of a sample in Spark; those that were fetched are handed back to it.

    A table may return other rows when it is read again. Columns that were not fetched are missing.
    """
    from pyspark.sql.types import StructType

    if sample.rows is None:
        return sample.frame
    fields = sample.frame.schema
    schema = StructType([fields[name] for name in sample.rows.column_names])
    frame = sample.frame.sparkSession.createDataFrame(sample.rows, schema)
    # In one partition, as they were drawn: the sums of floating-point numbers depend on the order.
    return frame.coalesce(1)


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


def _as_chosen(options: SamplingOptions, chosen: DqxOptions) -> SamplingOptions:
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
