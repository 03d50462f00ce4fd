"""The questions that a group of columns is asked in one pass of Spark each: no action is run here.

All of them are aggregates without a key, so each task keeps one row of buffers, whatever the number
of rows is. Exact distinct counts would not do: Spark copies each row once for each of them.

What `DataFrame.summary()` computes is asked for in its own terms. A text is read as a number only
where it may be one, since each that is none costs an exception.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DoubleType,
    FloatType,
    MapType,
    NullType,
    NumericType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
)

from worker.counting.counted_table import Number
from worker.counting.precomputed_frame import UnknownCall

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["GROUP", "METRICS", "QUESTIONS", "Leaf", "Question", "ask", "deviation", "outside"]

GROUP = 50
"""How many columns share a pass."""

METRICS = ("mean", "stddev", "min", "25%", "50%", "75%", "max")
"""The rows of `DataFrame.summary()` but for the first, the count."""

_TIMESTAMP_FORMAT = "yyyy-MM-dd HH:mm:ss.SSSSSS"

_QUARTILES = [0.25, 0.5, 0.75]
_ACCURACY = 10_000
# At least what Spark reads as a number; what only begins or ends like one is left to its cast.
_NUMERAL = (
    r"^[^0-9A-Za-z.+-]*[+-]?"
    r"(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?"
    r"|0[xX].*|[iI][nN][fF].*|[nN][aA][nN])[^0-9A-Za-z]*$"
)
_COUNTABLE = (
    ArrayType,
    BinaryType,
    BooleanType,
    DateType,
    DayTimeIntervalType,
    MapType,
    NullType,
    NumericType,
    StructType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column, or a field of a struct, and how Spark is asked about it."""

    field: StructField
    nested: bool
    trim: bool

    @property
    def kind(self) -> DataType:
        """The type of its values."""
        return self.field.dataType

    @property
    def text(self) -> bool:
        """Whether it is a text."""
        return isinstance(self.kind, StringType)

    @property
    def summarized(self) -> bool:
        """Whether `DataFrame.summary()` has it."""
        return not self.nested and isinstance(self.kind, NumericType | StringType)

    @property
    def raw(self) -> "Column":
        """The column as it is."""
        path = self.field.name.split(".") if self.nested else [self.field.name]
        return F.col(".".join("`" + name.replace("`", "``") + "`" for name in path))

    @property
    def present(self) -> "Column":
        """The column as DQX profiles it, NULL if something is missing."""
        if _floating(self.kind):
            return F.when(~F.isnan(self.raw), self.raw)
        return F.trim(self.raw) if self.text and self.trim else self.raw

    @property
    def hashed(self) -> "Column":
        """The column with one hash for equal values: that of -0.0 differs from that of 0.0."""
        return self.present + F.lit(0.0) if _floating(self.kind) else self.present

    @property
    def estimable(self) -> bool:
        """Whether Spark can estimate its distinct values: those that are equal have one hash."""
        return _floating(self.kind) or _hashable(self.kind)

    @property
    def number(self) -> "Column":
        """What `DataFrame.summary()` takes for the column's numbers."""
        if not self.text:
            return self.raw
        return F.when(self.raw.rlike(_NUMERAL), self.raw.try_cast("double"))

    @property
    def moment(self) -> "Column":
        """The seconds since 1970 of a date or timestamp."""
        kind = "bigint" if isinstance(self.kind, DateType) else "double"
        return self.raw.cast("timestamp").cast(kind)

    def refuse(self) -> None:
        """Raise `UnknownCall` for what can't be counted, or not as DQX would."""
        if not _countable(self.kind):
            raise UnknownCall(f"a column of the type {self.kind.simpleString()}")
        if self.summarized and self.field.name.lower() == "summary":
            # Spark's own table of metrics has such a column.
            raise UnknownCall("a column named summary")


def _countable(kind: DataType) -> bool:
    match kind:
        case StringType():
            # Of texts that only a collation holds for equal DQX takes any.
            return kind.simpleString() == "string"
        case ArrayType():
            return _countable(kind.elementType)
        case MapType():
            return _countable(kind.keyType) and _countable(kind.valueType)
        case StructType():
            return all(_countable(field.dataType) for field in kind.fields)
    return isinstance(kind, _COUNTABLE)


def _floating(kind: DataType) -> bool:
    return isinstance(kind, FloatType | DoubleType)


def _hashable(kind: DataType) -> bool:
    """Return whether equal values have one hash: not maps, whose order is free, nor zeros."""
    match kind:
        case ArrayType():
            return _hashable(kind.elementType)
        case StructType():
            return all(_hashable(field.dataType) for field in kind.fields)
    return not _floating(kind) and not isinstance(kind, MapType)


def _summary(number: "Column") -> "Column":
    quartiles = F.percentile_approx(number, _QUARTILES, _ACCURACY)
    metrics = (F.mean(number), F.stddev(number), F.min(number))
    return _texts(*metrics, *(quartiles[n] for n in range(3)), F.max(number))


def _texts(*metrics: "Column") -> "Column":
    return F.array(*(metric.cast("string") for metric in metrics))


def _both(value: "Column", write: Callable[["Column"], "Column"]) -> "Column":
    return F.struct(write(F.min(value)), write(F.max(value)))


Question = tuple[str, Callable[["Column"], "Column"]]
"""The part of a leaf that is looked at, and the aggregate of it that answers."""

QUESTIONS: Mapping[str, Question] = {
    # What DQX's profiler counts of every column.
    "size": ("raw", F.count),
    "nans": ("raw", lambda value: F.count_if(F.isnan(value))),
    "empty": ("present", lambda value: F.count_if(value == F.lit(""))),
    "distinct": ("hashed", F.approx_count_distinct),
    "few": ("raw", lambda value: F.size(F.collect_set(value))),
    "summary": ("number", _summary),
    "mean": ("number", lambda value: _texts(F.mean(value), F.stddev(value))),
    # What its builders ask of some.
    "seconds": (
        "moment",
        lambda value: F.struct(F.min(value), F.max(value), F.mean(value), F.stddev(value)),
    ),
    "days": ("raw", lambda value: _both(value, F.unix_date)),
    "moments": (
        "raw",
        lambda value: _both(value, lambda one: F.date_format(one, _TIMESTAMP_FORMAT)),
    ),
    "bounds": ("present", lambda value: _both(value, lambda one: one)),
    "values": ("present", F.collect_set),
    "median": ("present", lambda value: F.percentile_approx(value, 0.5)),
}
"""By name.

size: values that are not NULL. few: distinct ones of a type that has few. summary: the texts of
`METRICS`. mean: the first two of them. seconds: the least, the greatest, mean and standard
deviation of moments. days, moments, bounds: the least and the greatest date (as days since 1970),
timestamp (as text) or number.
"""


def deviation(median: Number) -> Question:
    """Ask for the middle one of the distances to the median."""
    return "present", lambda value: F.percentile_approx(F.abs(value - F.lit(median)), 0.5)


def outside(low: float, high: float) -> Question:
    """Ask how many values lie outside of bounds."""
    return "present", lambda value: F.count_if((value < F.lit(low)) | (value > F.lit(high)))


def ask(frame: "DataFrame", questions: Sequence[tuple[Leaf, Question]]) -> "DataFrame":
    """Return one row: the answers in the order of the questions, and the number of rows."""
    names: dict[tuple[str, str], str] = {}
    inputs: list[Column] = []
    answers: list[Column] = []
    for leaf, (part, answer) in questions:
        key = leaf.field.name, part
        if key not in names:
            names[key] = f"c{len(names)}"
            inputs.append(getattr(leaf, part).alias(names[key]))
        answers.append(answer(F.col(names[key])).alias(f"a{len(answers)}"))
    return frame.select(*inputs).agg(*answers, F.count(F.lit(1)))
