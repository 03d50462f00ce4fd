"""The questions that a group of columns is asked in one pass of Spark each: no action is run here.

Exact distinct counts of many columns in one aggregation (`countDistinct` of each) make Spark copy
each row once for each column, with all columns in every copy and all of them in the key. Here
each value becomes a row of its own, of its column's number and one place for each kind of value:
whole numbers, floating-point ones, texts, and one for each other type. Of four ways to that,
measured in the time that processors were busy (tests/parity/whole_bench.py: 50 columns, 100,000
and 300,000 rows), `stack` takes least: it reads the table once, and Spark compiles it up to 50
rows, hence the size of a group. An `unpivot` for each kind of value, united, takes 1.3 to 1.7
times as long, an `unpivot` of structs 1.4 to 2.2, and `countDistinct` of all 3 (100,000 rows).
The keys are exchanged by column and value, so no task gets all of a column.

What `DataFrame.summary()` computes is asked for in its own terms, in one aggregation with all
else: a text is read as a number once instead of for each metric, and only where it may be one,
since each that is none costs an exception. That about halves what a summary takes.
"""

from collections.abc import Mapping, Sequence
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
    IntegralType,
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

from worker.profiling.counting.stand_in import UnknownCall

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["GROUP", "METRICS", "TIMESTAMP_FORMAT", "Leaf", "ask", "tally"]

GROUP = 50
"""How many columns share a pass."""

METRICS = ("mean", "stddev", "min", "25%", "50%", "75%", "max")
"""The rows of `DataFrame.summary()` but for the first, the count."""

TIMESTAMP_FORMAT = "yyyy-MM-dd HH:mm:ss.SSSSSS"

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
        """The column as DQX profiles it, NULL where something is missing."""
        if isinstance(self.kind, FloatType | DoubleType):
            return F.when(~F.isnan(self.raw), self.raw)
        return F.trim(self.raw) if self.text and self.trim else self.raw

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


def tally(frame: "DataFrame", leaves: Mapping[int, Leaf]) -> "DataFrame":
    """Return a row for each leaf that has rows: its number and counts.

    The counts: of rows, of values that are not NULL, of NaN among them, of empty texts, and of
    distinct values but for NaN.
    """
    values = {number: _comparable(leaf) for number, leaf in leaves.items()}
    kinds = list(dict.fromkeys(kind for kind, _ in values.values()))
    places = [f"v{index}" for index in range(len(kinds))]
    cells: list[Column] = []
    for number, (kind, value) in values.items():
        cells.append(F.lit(number))
        cells.extend(value if kind == one else F.lit(None) for one in kinds)
    stacked = frame.select(F.stack(F.lit(len(values)), *cells).alias("leaf", *places))
    distinct = stacked.groupBy("leaf", *places).agg(F.count(F.lit(1)).alias("times"))
    known, missing, empty = F.lit(False), F.lit(False), F.lit(False)
    for kind, place in zip(kinds, places, strict=True):
        known |= F.col(place).isNotNull()
        if kind == _FLOAT:
            missing = F.coalesce(F.isnan(place), F.lit(False))
        elif kind == _TEXT:
            empty = F.col(place) == F.lit("")
    times = F.col("times")
    return distinct.groupBy("leaf").agg(
        F.sum(times).alias("rows"),
        *(
            F.coalesce(F.sum(F.when(where, times)), F.lit(0)).alias(name)
            for name, where in {"values": known, "missing": missing, "empty": empty}.items()
        ),
        F.count_if(known & ~missing).alias("distinct"),
    )


_WHOLE, _FLOAT, _TEXT = "whole", "float", "text"


def _comparable(leaf: Leaf) -> tuple[str, "Column"]:
    """Return the kind of the values, and the values so that distinct ones stay distinct."""
    match leaf.kind:
        case IntegralType() | BooleanType() | NullType():
            return _WHOLE, leaf.raw.cast("bigint")
        case DateType():
            return _WHOLE, F.unix_date(leaf.raw).cast("bigint")
        case TimestampType():
            return _WHOLE, F.unix_micros(leaf.raw)
        case FloatType() | DoubleType():
            return _FLOAT, leaf.raw.cast("double")
        case StringType():
            return _TEXT, leaf.present
    return leaf.kind.json(), leaf.raw


def ask(frame: "DataFrame", questions: Sequence[tuple[str, Leaf]]) -> "DataFrame":
    """Return one row with the answers, in the order of the questions.

    summary: the texts of `METRICS`. seconds: the least, the greatest, mean and standard deviation
    of moments. days, moments, bounds: the least and the greatest date (as days since 1970),
    timestamp (as text) or number. values: the distinct ones. median: that of a number.
    """
    inputs: list[Column] = []
    answers: list[Column] = []
    for index, (question, leaf) in enumerate(questions):
        name = f"c{index}"
        column = F.col(name)
        match question:
            case "summary":
                inputs.append(leaf.number.alias(name))
                answer = _summary(column, leaf.kind)
            case "seconds":
                inputs.append(leaf.moment.alias(name))
                answer = F.struct(F.min(name), F.max(name), F.mean(name), F.stddev(name))
            case "days":
                inputs.append(F.unix_date(leaf.raw).alias(name))
                answer = F.struct(F.min(name), F.max(name))
            case "moments":
                inputs.append(leaf.raw.alias(name))
                answer = F.struct(
                    F.date_format(F.min(name), TIMESTAMP_FORMAT),
                    F.date_format(F.max(name), TIMESTAMP_FORMAT),
                )
            case "bounds":
                inputs.append(leaf.present.alias(name))
                answer = F.struct(F.min(name), F.max(name))
            case "values":
                inputs.append(leaf.present.alias(name))
                answer = F.collect_set(name)
            case "median":
                inputs.append(leaf.present.alias(name))
                answer = F.percentile_approx(name, 0.5)
            case _:
                raise ValueError(question)
        answers.append(answer.alias(name))
    return frame.select(*inputs).agg(*answers)


def _summary(number: "Column", kind: DataType) -> "Column":
    quartiles = F.percentile_approx(number, _QUARTILES, _ACCURACY)
    # DQX drops the least and the greatest text.
    low, high = (
        (F.lit(None), F.lit(None))
        if isinstance(kind, StringType)
        else (F.min(number), F.max(number))
    )
    metrics = (F.mean(number), F.stddev(number), low, *(quartiles[n] for n in range(3)), high)
    return F.array(*(metric.cast("string") for metric in metrics))
