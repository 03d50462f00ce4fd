"""Counts a large table with Spark: in at most two actions for each group of 50 columns.

Three if outliers are looked for. The first counts, and estimates how many distinct values each
column has. The second lists them only if they may be few enough for a rule, which counts them
exactly. The worker gets one row for a group, however many rows the table has.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from databricks.labs.dqx.profiler.profiler import DQProfiler
from pyspark.errors import AnalysisException, ArithmeticException
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import (
    BooleanType,
    ByteType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NumericType,
    ShortType,
    StringType,
    StructField,
    TimestampNTZType,
    TimestampType,
)

from worker.counting.counted_table import CountedTable
from worker.counting.precomputed_frame import UnknownCall
from worker.counting.spark.counted_column import SparkColumn
from worker.counting.spark.queries import (
    GROUP,
    METRICS,
    QUESTIONS,
    Leaf,
    Question,
    ask,
    deviation,
    outside,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row

__all__ = ["count_frame"]


def count_frame(
    frame: "DataFrame",
    fields: Sequence[StructField],
    options: Mapping[str, Any],
    check: Callable[[], None],
) -> CountedTable:
    """Count every column in `fields`, with all of the profiler's options; blocks.

    A column that only stock DQX can count is left out. `check` is called before each action and
    raises if the work was stopped. Raises Spark's errors.
    """
    columns = {field.name: list(_columns_of(field, options)) for field in fields}
    passes = _Passes(frame, options, check)
    left: dict[str, str] = {}
    for name, parts in columns.items():
        try:
            for column in parts:
                passes.refuse(column.leaf)
        except UnknownCall as call:
            left[name] = str(call)
    top_level = {column: name for name, parts in columns.items() for column in parts}
    every = [column for column, name in top_level.items() if name not in left]
    rows: int | None = None
    for begin in range(0, len(every), GROUP):
        counted, failed = _counted(passes, every[begin : begin + GROUP])
        rows = counted if rows is None else rows
        for column, asked in failed.items():
            left.setdefault(top_level[column], asked)
    if rows is None:
        check()
        rows = frame.count()
    columns = {name: parts for name, parts in columns.items() if name not in left}
    every = [column for parts in columns.values() for column in parts]
    return CountedTable(
        rows,
        {name: [(one.leaf.field, one) for one in parts] for name, parts in columns.items()},
        list(_summary({one.leaf.field.name: one for one in every if one.leaf.summarized})),
        left,
    )


def _counted(
    passes: "_Passes", columns: Sequence[SparkColumn]
) -> tuple[int | None, dict[SparkColumn, str]]:
    """Count columns, and return the number of rows and the columns that can't be counted.

    Spark does not say at which column an action failed: the columns are asked for in parts.
    """
    try:
        return passes.count(columns), {}
    except UnknownCall as call:
        if len(columns) == 1:
            return None, {columns[0]: str(call)}
    rows: int | None = None
    failed: dict[SparkColumn, str] = {}
    for part in _parts(columns):
        counted, found = _counted(passes, part)
        rows = counted if rows is None else rows
        failed |= found
    return rows, failed


def _parts(columns: Sequence[SparkColumn]) -> Sequence[Sequence[SparkColumn]]:
    """Return two parts: decimals, whose sums overflow first, and the rest; of one kind, halves."""
    decimals = [one for one in columns if isinstance(one.leaf.kind, DecimalType)]
    others = [one for one in columns if not isinstance(one.leaf.kind, DecimalType)]
    if decimals and others:
        return others, decimals
    half = len(columns) // 2
    return columns[:half], columns[half:]


def _columns_of(field: StructField, options: Mapping[str, Any]) -> Iterator[SparkColumn]:
    for one in DQProfiler.get_columns_or_fields([field]):
        leaf = Leaf(one, nested=one is not field, trim=options.get("trim_strings", True))
        yield SparkColumn(leaf)


class _Passes:
    """Runs the passes over a frame, and fills its columns."""

    def __init__(
        self, frame: "DataFrame", options: Mapping[str, Any], check: Callable[[], None]
    ) -> None:
        self._frame = frame
        self._options = options
        self._check = check

    def refuse(self, leaf: Leaf) -> None:
        """Raise `UnknownCall` for what can't be counted, or not as DQX would."""
        leaf.refuse()
        if leaf.nested and self.seeks_outliers(leaf):
            # DQX looks for the column under a name that its frame does not have.
            raise UnknownCall("outliers in a struct")

    def count(self, columns: Sequence[SparkColumn]) -> int:
        """Count these columns and return the number of rows."""
        rows = self._ask((one, name, QUESTIONS[name]) for one in columns for name in self._of(one))
        for one in columns:
            if not one.leaf.estimable:
                # One at a time: of several Spark copies each row for each of them.
                ((one.answers["few"],),) = self._collect(
                    self._frame.agg(F.count_distinct(one.leaf.raw))
                )
        lists = [one for one in columns if self._listed(one)]
        seeking = [one for one in columns if one.answers.get("median") is not None]
        self._ask(
            [
                *((one, "values", QUESTIONS["values"]) for one in lists),
                *((one, "deviation", deviation(one.answers["median"])) for one in seeking),
            ]
        )
        for one in lists:
            one.answers["values"].sort()
            one.answers["few"] = len(one.answers["values"])
        bands = [(one, one.band) for one in seeking if one.band]
        self._ask((one, "outside", outside(*band)) for one, band in bands)
        for one, band in bands:
            one.answers["outside"] = band, one.answers["outside"]
        return rows

    def _ask(self, asked: Iterable[tuple[SparkColumn, str, Question]]) -> int:
        """Fill in the answers, and return the number of rows; 0 if nothing is asked."""
        asked = list(asked)
        if not asked:
            return 0
        questions = [(column.leaf, question) for column, _, question in asked]
        ((*answers, rows),) = self._collect(ask(self._frame, questions))
        for (column, name, _), answer in zip(asked, answers, strict=True):
            column.answers[name] = answer
        return int(rows)

    def _collect(self, frame: "DataFrame") -> list["Row"]:
        self._check()
        try:
            return frame.collect()
        except (AnalysisException, ArithmeticException) as error:
            raise UnknownCall(str(error.getCondition())) from error

    def _of(self, column: SparkColumn) -> Iterator[str]:
        """Yield what DQX's profiler and its builders will want to know of a column."""
        leaf, kind = column.leaf, column.leaf.kind
        yield "size"
        if isinstance(kind, BooleanType | ByteType):
            yield "few"
        elif leaf.estimable:
            yield "distinct"
        if isinstance(kind, FloatType | DoubleType):
            yield "nans"
        if leaf.text:
            yield "empty"
        if leaf.summarized:
            yield "mean" if leaf.text else "summary"
        capped = self._caps(leaf.field.name)
        match kind:
            case DateType():
                yield "seconds" if capped else "days"
            case TimestampType() | TimestampNTZType():
                yield "seconds" if capped else "moments"
            case NumericType() if leaf.nested and not capped and not isinstance(kind, ByteType):
                yield "bounds"
        if self.seeks_outliers(leaf):
            yield "median"

    def _listed(self, column: SparkColumn) -> bool:
        """Return whether DQX may list the values; else fill in as many as it then drops."""
        if not isinstance(column.leaf.kind, IntegerType | LongType | ShortType | StringType):
            return False
        most, values = self._options.get("max_in_count", 0), column.counts["count_non_null"]
        few = 0 < column.fewest < most
        if few and column.fewest / values < float(self._options.get("distinct_ratio", 0.0)):
            return True
        column.answers["values"] = [None] * min(column.fewest, math.ceil(most))
        return False

    def _caps(self, name: str) -> bool:
        if not self._options.get("remove_outliers", True):
            return False
        listed = self._options.get("outlier_columns", [])
        return not listed or name in listed

    def seeks_outliers(self, leaf: Leaf) -> bool:
        """Return whether DQX looks for outliers in it."""
        if not isinstance(leaf.kind, NumericType) or not self._options.get("has_no_outliers", True):
            return False
        allowed = self._options.get("has_no_outliers_allow_columns", [])
        denied = self._options.get("has_no_outliers_deny_columns", [])
        name = leaf.field.name
        return name not in denied and (not allowed or name in allowed)


def _summary(columns: Mapping[str, SparkColumn]) -> Iterator[Mapping[str, str | None]]:
    """Yield the rows of `DataFrame.summary()`; of texts without quartiles, as those of Arrow."""
    yield {"summary": "count", **{name: str(one.size) for name, one in columns.items()}}
    for index, metric in enumerate(METRICS):
        yield {"summary": metric, **{name: one.metrics[index] for name, one in columns.items()}}
