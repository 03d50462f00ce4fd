"""What DQX asks of a table and its columns, for every way to count it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from pyspark.sql.types import StructField

__all__ = ["ColumnCounts", "CountedTable", "Number", "Spread"]

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Spread:
    """Of a column in numbers: dates and timestamps are seconds since 1970. None: no value."""

    minimum: Number | None
    maximum: Number | None
    mean: float | None
    stddev: float | None
    """Of a sample; None for a single value."""


class ColumnCounts(Protocol):
    """A column without what is missing in it, trimmed if the options say so.

    What is missing is NULL and, in a column of floating-point numbers, NaN, as in `dropna`.
    """

    @property
    def counts(self) -> Mapping[str, int]:
        """The metrics count_non_null, empty_count and count_distinct of DQX's profiler."""
        ...

    @property
    def approximate(self) -> bool:
        """Whether count_distinct is an estimate."""
        ...

    @property
    def nans(self) -> int:
        """How many values are NaN."""
        ...

    def distinct(self) -> Sequence[Any]:
        """Return the distinct values, or enough to show that they are too many for a list."""
        ...

    def seconds(self) -> Spread:
        """Return the spread of a date (whole seconds) or timestamp (with their fractions)."""
        ...

    def bounds(self) -> tuple[Any, Any]:
        """Return the least and the greatest value as Spark collects them; None: no value."""
        ...

    def median(self) -> Number | None:
        """Return Spark's `percentile_approx(0.5)` of a numeric column, or one as accurate."""
        ...

    def deviation(self) -> Number | None:
        """Return the same of the distances to the median."""
        ...

    def outside(self, low: float, high: float) -> int:
        """Return how many values, as floating-point numbers, are below `low` or above `high`."""
        ...


@dataclass(frozen=True, slots=True)
class CountedTable:
    """All that DQX decides by."""

    rows: int
    columns: Mapping[str, Sequence[tuple[StructField, ColumnCounts]]]
    """By top-level column: the column, or the fields of a struct under their paths."""
    summary: Sequence[Mapping[str, str | None]]
    """The rows of `DataFrame.summary()`; of texts without the least, quartiles and the greatest."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Top-level columns that were not counted: what stock DQX has to be asked for."""
