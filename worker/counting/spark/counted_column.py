"""What Spark has counted of one column."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pyspark.sql.types import DateType, TimestampNTZType, TimestampType

from worker.counting.counted_table import Number, Spread
from worker.counting.precomputed_frame import UnknownCall
from worker.counting.spark.queries import METRICS, Leaf

__all__ = ["SparkColumn"]

_SIGMAS, _RELATIVE_SD = 5, 0.05
"""How far an estimate of distinct values may be off: Spark documents its standard deviation."""
_PYTHON_FORMAT = "%Y-%m-%d %H:%M:%S.%f"
_EPOCH = date(1970, 1, 1).toordinal()
# As DQX's `calculate_median_absolute_deviation_bounds`.
_BAND = 3.5


class SparkColumn:
    """What Spark has counted of a column."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf
        self.answers: dict[str, Any] = {}
        """By question, see `passes`; deviation, and outside with its bounds, beside them."""

    @property
    def size(self) -> int:
        """How many values there are, NaN among them."""
        return int(self.answers.get("size", 0))

    @property
    def nans(self) -> int:
        """How many values are NaN."""
        return int(self.answers.get("nans", 0))

    @property
    def counts(self) -> dict[str, int]:
        """The metrics that DQX's profiler aggregates of every column."""
        return {
            "count_non_null": self.size - self.nans,
            "empty_count": self.answers.get("empty", 0),
            "count_distinct": self.answers.get("few", self.answers.get("distinct", 0)),
        }

    @property
    def metrics(self) -> Sequence[str | None]:
        """The texts of `METRICS`."""
        known: list[str | None] = self.answers.get("summary", self.answers.get("mean", []))
        return [*known, *[None] * (len(METRICS) - len(known))]

    @property
    def approximate(self) -> bool:
        """Whether the count of distinct values is an estimate."""
        return "few" not in self.answers

    @property
    def fewest(self) -> int:
        """How many distinct values there are at least."""
        return math.ceil(self.counts["count_distinct"] / (1 + _SIGMAS * _RELATIVE_SD))

    def distinct(self) -> Sequence[Any]:
        """Return the distinct values, sorted; placeholders if DQX has no use for them."""
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
