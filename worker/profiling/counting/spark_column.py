"""What Spark has counted of one column."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pyspark.sql.types import DateType, TimestampNTZType, TimestampType

from worker.profiling.counting.column import Number, Spread
from worker.profiling.counting.passes import Leaf
from worker.profiling.counting.stand_in import UnknownCall

__all__ = ["SparkColumn"]

_PYTHON_FORMAT = "%Y-%m-%d %H:%M:%S.%f"
_EPOCH = date(1970, 1, 1).toordinal()
# As DQX's `calculate_median_absolute_deviation_bounds`.
_BAND = 3.5


class SparkColumn:
    """What Spark has counted of a column."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf
        self.size = 0
        """How many values there are, NaN among them."""
        self.counts: dict[str, int] = {"count_non_null": 0, "empty_count": 0, "count_distinct": 0}
        """The metrics that DQX's profiler aggregates of every column."""
        self.answers: dict[str, Any] = {}
        """By question, see `ask`; deviation, and outside with its bounds, beside them."""

    @property
    def nans(self) -> int:
        """How many values are NaN."""
        return self.size - self.counts["count_non_null"]

    def distinct(self) -> Sequence[Any]:
        """Return the distinct values, sorted; placeholders where DQX has no use for them."""
        values: Sequence[Any] = self._answer("values")
        return values

    def seconds(self) -> Spread:
        """Return the spread of a date or timestamp."""
        return Spread(*self._answer("seconds"))

    def bounds(self) -> tuple[Any, Any]:
        """Return the least and the greatest value as Spark collects them.

        Raises `ValueError` for years that Python does not know, as DQX would.
        """
        if isinstance(self.leaf.kind, DateType):
            low, high = self._answer("days")
            return _as_date(low), _as_date(high)
        if isinstance(self.leaf.kind, TimestampType | TimestampNTZType):
            low, high = self._answer("moments")
            return _as_moment(low), _as_moment(high)
        low, high = self._answer("bounds")
        return low, high

    def median(self) -> Number | None:
        """Return the middle one of a number's values."""
        median: Number | None = self._answer("median")
        return median

    def deviation(self) -> Number | None:
        """Return the middle one of the distances to the median."""
        deviation: Number | None = self._answer("deviation")
        return deviation

    def outside(self, low: float, high: float) -> int:
        """Return how many values lie outside of the bounds."""
        of, count = self._answer("outside")
        if of != (low, high):
            raise UnknownCall("values outside of other bounds")
        return int(count)

    @property
    def band(self) -> tuple[float, float] | None:
        """The bounds that DQX makes of the median and the deviation."""
        median, deviation = self.answers.get("median"), self.answers.get("deviation")
        if median is None or deviation is None:
            return None
        reach = _BAND * float(deviation)
        return float(median) - reach, float(median) + reach

    def _answer(self, question: str) -> Any:
        if question not in self.answers:
            raise UnknownCall(f"{question} of {self.leaf.kind.simpleString()}")
        return self.answers[question]


def _as_date(days: int | None) -> date | None:
    return None if days is None else date.fromordinal(_EPOCH + days)


def _as_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.strptime(text, _PYTHON_FORMAT)  # noqa: DTZ007
