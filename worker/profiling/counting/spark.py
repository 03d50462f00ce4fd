"""Counts a whole table with Spark: in at most two actions for each group of 50 columns.

Four where outliers are looked for. The first counts, the second asks for all else, and can
therefore leave out the lists of values that are too long for a rule. The worker gets one row for
a column and one for a group, however many rows the table has.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from databricks.labs.dqx.profiler.profiler import DQProfiler
from pyspark.errors import AnalysisException, ArithmeticException
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import (
    ByteType,
    DateType,
    DecimalType,
    IntegerType,
    LongType,
    NumericType,
    ShortType,
    StringType,
    StructField,
    TimestampNTZType,
    TimestampType,
)

from worker.profiling.counting.column import CountedTable
from worker.profiling.counting.passes import GROUP, METRICS, Leaf, ask, tally
from worker.profiling.counting.spark_column import SparkColumn
from worker.profiling.counting.stand_in import UnknownCall

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

__all__ = ["count_frame"]

_NO_METRICS: Sequence[str | None] = (None,) * len(METRICS)


def count_frame(
    frame: "DataFrame",
    fields: Sequence[StructField],
    options: Mapping[str, Any],
    check: Callable[[], None],
) -> CountedTable:
    """Count every column in `fields`, with all of the profiler's options; blocks.

    A column that only stock DQX can count is left out. `check` is called before each action and
    raises where the work was stopped. Raises Spark's errors.
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
        rows = self._tally(columns)
        if rows:
            self._ask(columns)
            self._find_outliers([one for one in columns if "median" in one.answers])
        return rows

    def _collect(self, frame: "DataFrame") -> list["Row"]:
        self._check()
        try:
            return frame.collect()
        except (AnalysisException, ArithmeticException) as error:
            raise UnknownCall(str(error.getCondition())) from error

    def _tally(self, columns: Sequence[SparkColumn]) -> int:
        leaves = {number: column.leaf for number, column in enumerate(columns)}
        total = 0
        for number, rows, values, missing, empty, distinct in self._collect(
            tally(self._frame, leaves)
        ):
            total = rows
            columns[number].size = values
            columns[number].counts = {
                "count_non_null": values - missing,
                "empty_count": empty,
                "count_distinct": distinct,
            }
        return total

    def _ask(self, columns: Sequence[SparkColumn]) -> None:
        questions = [(one, question) for one in columns for question in self._questions(one)]
        if not questions:
            return
        (answers,) = self._collect(
            ask(self._frame, [(question, one.leaf) for one, question in questions])
        )
        for (one, question), answer in zip(questions, answers, strict=True):
            one.answers[question] = sorted(answer) if question == "values" else answer

    def _questions(self, column: SparkColumn) -> Iterator[str]:
        """Yield what DQX's builders will want to know of a column with these counts."""
        leaf, kind = column.leaf, column.leaf.kind
        if leaf.summarized:
            yield "summary"
        if isinstance(kind, IntegerType | LongType | ShortType | StringType):
            if self._enumerable(column.counts):
                yield "values"
            else:
                # What DQX makes a list of and then drops: long enough to be dropped.
                limit = math.ceil(self._options.get("max_in_count", 0))
                column.answers["values"] = [None] * min(column.counts["count_distinct"], limit)
        capped = self._caps(leaf.field.name)
        match kind:
            case DateType():
                yield "seconds" if capped else "days"
            case TimestampType() | TimestampNTZType():
                yield "seconds" if capped else "moments"
            case NumericType() if leaf.nested and not capped and not isinstance(kind, ByteType):
                yield "bounds"
        if column.counts["count_non_null"] and self.seeks_outliers(leaf):
            yield "median"

    def _enumerable(self, counts: Mapping[str, int]) -> bool:
        distinct, values = counts["count_distinct"], counts["count_non_null"]
        few: bool = 0 < distinct < self._options.get("max_in_count", 0)
        return few and distinct / values < float(self._options.get("distinct_ratio", 0.0))

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

    def _find_outliers(self, columns: Sequence[SparkColumn]) -> None:
        self._fill(
            columns,
            "deviation",
            lambda one: F.percentile_approx(
                F.abs(one.leaf.present - F.lit(one.answers["median"])), 0.5
            ),
        )
        banded = [one for one in columns if one.band]
        self._fill(banded, "outside", _outside)
        for one in banded:
            one.answers["outside"] = one.band, one.answers["outside"]

    def _fill(
        self,
        columns: Sequence[SparkColumn],
        question: str,
        answer: Callable[[SparkColumn], "Column"],
    ) -> None:
        if not columns:
            return
        asked = [answer(one).alias(str(index)) for index, one in enumerate(columns)]
        (answers,) = self._collect(self._frame.agg(*asked))
        for one, found in zip(columns, answers, strict=True):
            one.answers[question] = found


def _outside(column: SparkColumn) -> "Column":
    low, high = column.band or (0.0, 0.0)
    value = column.leaf.present
    return F.count_if((value < F.lit(low)) | (value > F.lit(high)))


def _summary(columns: Mapping[str, SparkColumn]) -> Iterator[Mapping[str, str | None]]:
    """Yield the rows of `DataFrame.summary()`."""
    yield {"summary": "count", **{name: str(one.size) for name, one in columns.items()}}
    for index, metric in enumerate(METRICS):
        yield {
            "summary": metric,
            **{
                name: one.answers.get("summary", _NO_METRICS)[index]
                for name, one in columns.items()
            },
        }
