"""Stands in for the dataframe of one column that DQX gives its builders.

It knows the questions that the builders of the verified versions ask and has the answers ready;
anything else raises `UnknownCall`, and the table is left to the stock profiler. A question is
known by its text: Spark's own, of an expression that is built here as the builder builds it.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NoReturn

from pyspark.sql import Row
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import DataType, DateType, NumericType, TimestampNTZType, TimestampType

from worker.counting.counted_table import ColumnCounts, Spread

__all__ = ["PrecomputedFrame", "UnknownCall"]

_LABEL = "label_of_a_column"
_TIMESTAMP_FORMAT = "yyyy-MM-dd HH:mm:ss.SSSSSS"
_PYTHON_FORMAT = "%Y-%m-%d %H:%M:%S.%f"


class UnknownCall(Exception):
    """A builder asked the stand-in something that it does not know."""


Question = Callable[[str], tuple[Any, ...]]
"""The expressions by which a builder asks of a column under a label."""


def _text(*expressions: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in expressions)


def _asks(columns: tuple[Any, ...], question: Question, label: str) -> bool:
    """Return whether these expressions are the question."""
    asked = _text(*columns)
    # Each expression takes a dozen calls of the JVM: most labels are as good as another.
    if asked == tuple(one.replace(_LABEL, label) for one in _template(question)):
        return True
    return asked == _text(*question(label))


@cache
def _template(question: Question) -> tuple[str, ...]:
    return _text(*question(_LABEL))


def _whole_seconds(label: str) -> tuple[Any, ...]:
    return (F.col(label).cast("timestamp").cast("bigint").alias(label),)


def _fractional_seconds(label: str) -> tuple[Any, ...]:
    return (F.col(label).cast("timestamp").cast("double").alias(label),)


def _bounds(label: str) -> tuple[Any, ...]:
    return F.min(label).alias("min_value"), F.max(label).alias("max_value")


def _spread(label: str) -> tuple[Any, ...]:
    return (
        *_bounds(label),
        F.mean(label).alias("mean_value"),
        F.stddev(label).alias("stddev_value"),
    )


def _median(label: str) -> tuple[Any, ...]:
    return (F.percentile_approx(label, 0.5),)


def _as_text(label: str) -> tuple[Any, ...]:
    return (F.date_format(label, _TIMESTAMP_FORMAT).alias(label),)


class _Answers:
    """Refuses every call that it has no method for."""

    def __getattr__(self, name: str) -> NoReturn:
        # Not for what Python and pydantic look for in any object.
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnknownCall(f"{type(self).__name__.lstrip('_')}.{name}")

    def __getitem__(self, name: object) -> NoReturn:
        raise UnknownCall(f"{type(self).__name__.lstrip('_')}[{name!r}]")


class _Collected(_Answers):
    """What ends in `collect()`."""

    def __init__(self, rows: Callable[[], Iterable[Any]]) -> None:
        self._rows = rows

    def collect(self) -> Any:
        return self._rows()


class PrecomputedFrame(_Answers):
    """The column under the label that `df.select(name)` would give it."""

    def __init__(self, label: str, kind: DataType, counts: ColumnCounts) -> None:
        if isinstance(kind, DateType | TimestampType | TimestampNTZType):
            # Builders take the label from `columns` and put it into a dozen expressions of Java,
            # which are the same for all columns of one label.
            label = _LABEL
        self.columns = [label]
        self._label = label
        self._kind = kind
        self._counts = counts

    def select(self, *columns: Any) -> Any:
        """Answer with the column itself, its seconds, or its distances to the median."""
        label = self._label
        # Of a Column `==` makes another one.
        if all(isinstance(one, str) for one in columns):
            if columns == (label,):
                return _Values(self._counts)
            raise UnknownCall(f"select{columns}")
        if isinstance(self._kind, DateType):
            if _asks(columns, _whole_seconds, label):
                return _Seconds(label, self._counts.seconds())
        elif isinstance(self._kind, TimestampType | TimestampNTZType):
            if _asks(columns, _fractional_seconds, label):
                return _Seconds(label, self._counts.seconds())
        elif isinstance(self._kind, NumericType) and _text(*columns) == _text(
            F.abs(F.col(label) - F.lit(self._counts.median())).alias("absolute_deviation")
        ):
            return _Deviations(self._counts)
        # Expressions may hold values of cells.
        raise UnknownCall("select of something else")

    def agg(self, *columns: Any) -> Any:
        """Answer with the bounds, or with the median."""
        if isinstance(self._kind, NumericType) and _asks(columns, _median, self._label):
            return _Collected(lambda: [(self._counts.median(),)])
        if _asks(columns, _bounds, self._label):
            return _Bounds(self._counts.bounds())
        raise UnknownCall("agg of something else")

    def filter(self, condition: Any) -> Any:
        """Answer with what lies further from the median than DQX allows."""
        median, deviation = self._counts.median(), self._counts.deviation()
        if median is not None and deviation is not None:
            column = F.col(self._label)
            low = float(median) - 3.5 * float(deviation)
            high = float(median) + 3.5 * float(deviation)
            if _text(condition) == _text((column < F.lit(low)) | (column > F.lit(high))):
                return _Outside(self._counts, low, high)
        raise UnknownCall("filter by something else")


class _Values(_Answers):
    def __init__(self, counts: ColumnCounts) -> None:
        self._counts = counts

    def distinct(self) -> _Collected:
        return _Collected(lambda: zip(self._counts.distinct(), strict=True))


class _Seconds(_Answers):
    def __init__(self, label: str, spread: Spread) -> None:
        self._label = label
        self._spread = spread

    def agg(self, *columns: Any) -> _Collected:
        if not _asks(columns, _spread, self._label):
            raise UnknownCall(f"agg{_text(*columns)}")
        row = Row(
            min_value=self._spread.minimum,
            max_value=self._spread.maximum,
            mean_value=self._spread.mean,
            stddev_value=self._spread.stddev,
        )
        return _Collected(lambda: [row])


class _Bounds(_Collected):
    def __init__(self, bounds: tuple[Any, Any]) -> None:
        low, high = bounds
        super().__init__(lambda: [Row(min_value=low, max_value=high)])
        self._written = lambda: [Row(min_value=_written(low), max_value=_written(high))]

    def select(self, *columns: Any) -> _Collected:
        """Answer with timestamps as text: DQX reads them back from it."""
        if _text(*columns) != _text(*_as_text("min_value"), *_as_text("max_value")):
            raise UnknownCall(f"select{_text(*columns)}")
        return _Collected(self._written)


def _written(moment: Any) -> str | None:
    # Years have four digits in Spark's format, and in Python's only as many as they need.
    return moment and f"{moment.year:04d}{moment.strftime(_PYTHON_FORMAT.removeprefix('%Y'))}"


class _Deviations(_Answers):
    def __init__(self, counts: ColumnCounts) -> None:
        self._counts = counts

    def agg(self, *columns: Any) -> _Collected:
        if not _asks(columns, _median, "absolute_deviation"):
            raise UnknownCall(f"agg{_text(*columns)}")
        return _Collected(lambda: [(self._counts.deviation(),)])


class _Outside(_Answers):
    def __init__(self, counts: ColumnCounts, low: float, high: float) -> None:
        self._counts, self._low, self._high = counts, low, high

    def count(self) -> int:
        return self._counts.outside(self._low, self._high)
