"""Counts one column of rows that were fetched as Arrow."""

import math
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql.types import (
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    LongType,
    NumericType,
    StringType,
    StructField,
    TimestampNTZType,
    TimestampType,
)

from worker.counting.arithmetic import EXACT, means
from worker.counting.arrow.numerals import decimal_mean, distance, fits
from worker.counting.arrow.values import (
    Floats,
    as_doubles,
    as_floats,
    hashable,
    in_python,
    integer,
    percentiles,
    read_numbers,
    unscaled,
)
from worker.counting.counted_table import Number, Spread
from worker.counting.precomputed_frame import UnknownCall

__all__ = ["ArrowColumn"]

_SORTED = 1_000
"""Distinct values: a rule that lists more is for no one to read."""
_QUARTILES = (0.25, 0.5, 0.75)
_MOMENTS = (DateType, TimestampType, TimestampNTZType)
_DAY = 86_400
_MICROSECONDS = 1_000_000.0


class ArrowColumn:
    """The counts of a column; each is made when it is first asked for."""

    approximate = False

    def __init__(self, values: pa.Array, field: StructField, *, nested: bool, trim: bool) -> None:
        self.kind = field.dataType
        self.summarized = not nested and isinstance(self.kind, NumericType | StringType)
        """Whether `DataFrame.summary()` has it."""
        self.measurable = self.summarized or isinstance(self.kind, _MOMENTS)
        """Whether it has a mean: of dates and timestamps that of their seconds since 1970."""
        self._values = values.drop_null()
        self._trim = trim
        self.mean: str | None = None
        """As `summary()` writes it, read back the same. See `measure`."""
        self.stddev: float | None = None
        """Of a short column the table fills it in."""
        self._quartiles: Sequence[float | None] = (None,) * len(_QUARTILES)

    # What DQX's profiler counts of a column by itself.

    @property
    def counts(self) -> dict[str, int]:
        """The metrics that DQX's profiler aggregates of every column."""
        return {
            "count_non_null": len(self._present),
            "empty_count": self._empty,
            "count_distinct": self._distinct_count,
        }

    @property
    def nans(self) -> int:
        """How many values are NaN."""
        return len(self._values) - len(self._present)

    @cached_property
    def _present(self) -> pa.Array:
        """The values but for NaN; texts untrimmed."""
        if isinstance(self.kind, FloatType | DoubleType):
            return self._values.filter(pc.invert(pc.is_nan(self._values)))
        return self._values

    @cached_property
    def _encoded(self) -> pa.DictionaryArray:
        """Text with each distinct one once."""
        return self._values.dictionary_encode()

    @cached_property
    def _texts(self) -> pa.Array:
        """The distinct texts of the dictionary as DQX profiles them: trimmed, two may be equal."""
        texts = self._encoded.dictionary
        return pc.utf8_trim(texts, characters=" ") if self._trim else texts

    @property
    def _empty(self) -> int:
        if not isinstance(self.kind, StringType):
            return 0
        where = pc.indices_nonzero(pc.equal(self._texts, ""))
        return int(pc.sum(pc.is_in(self._encoded.indices, where.cast(pa.int32()))).as_py() or 0)

    @property
    def _distinct_count(self) -> int:
        if isinstance(self.kind, FloatType | DoubleType):
            return len(np.unique(self._present.to_numpy()))
        if pa.types.is_nested(self._present.type):
            return len({hashable(value) for value in in_python(self._present)})
        values = self._texts if isinstance(self.kind, StringType) else self._present
        return int(pc.count_distinct(values).as_py())

    # What builders ask of it.

    def distinct(self) -> Sequence[Any]:
        """Return the distinct values; sorted, if they may become a rule."""
        text = isinstance(self.kind, StringType)
        values = pc.unique(self._texts if text else self._present)
        if len(values) <= _SORTED:
            values = values.take(pc.array_sort_indices(values))
        found: list[Any] = values.to_pylist()
        return found

    def seconds(self) -> Spread:
        """Return the spread of a date or timestamp."""
        if self.mean is None:
            return Spread(None, None, None, None)
        found = pc.min_max(self._values)
        low, high = self._seconds(pa.array([found["min"], found["max"]], self._values.type))
        if isinstance(self.kind, DateType):
            low, high = int(low), int(high)
        return Spread(low, high, float(self.mean), self.stddev)

    def _seconds(self, values: pa.Array) -> Floats:
        if isinstance(self.kind, DateType):
            return as_floats(values.cast(pa.int32())) * _DAY
        return as_floats(values.cast(pa.int64())) / _MICROSECONDS

    def bounds(self) -> tuple[Any, Any]:
        """Return the least and the greatest value as Spark collects them."""
        low, high = self._bounds
        if isinstance(low, Decimal):
            # As Java writes decimals for Python: that of 2E-11 is 20E-12.
            return Decimal(low.to_eng_string()), Decimal(high.to_eng_string())
        return low, high

    @cached_property
    def _bounds(self) -> tuple[Any, Any]:
        if not len(self._present):
            return None, None
        if isinstance(self.kind, FloatType | DoubleType):
            # The first of zeros, whatever their signs are.
            numbers = self._finite
            return float(numbers[np.argmin(numbers)]), float(numbers[np.argmax(numbers)])
        found = pc.min_max(self._present)
        low, high = in_python(pa.array([found["min"], found["max"]], self._present.type))
        return low, high

    def median(self) -> Number | None:
        """Return the middle one of a number's values."""
        return self._typed(self._middle)

    @cached_property
    def _middle(self) -> float | None:
        return percentiles(self._finite, (0.5,))[0]

    def _typed(self, value: float | None) -> Number | None:
        if value is None:
            return None
        if isinstance(self.kind, IntegralType):
            return integer(value)
        if isinstance(self.kind, DecimalType):
            return Decimal(repr(value))
        return value

    def deviation(self) -> Number | None:
        """Return the middle one of the distances to the median."""
        centre = self.median()
        if centre is None:
            return None
        if isinstance(self.kind, DecimalType) and isinstance(centre, Decimal):
            if not fits(self.kind, centre):
                raise UnknownCall("distances of more digits than a decimal's")
            distances = np.array([distance(one, centre) for one in self._values.to_pylist()])
            return percentiles(distances, (0.5,))[0]
        if not isinstance(self.kind, IntegralType):
            with np.errstate(all="ignore"):
                distances = np.abs(self._finite - float(centre))
            return percentiles(distances, (0.5,))[0]
        low, high = self._bounds
        if max(centre - low, high - centre) >= 2 ** (63 if isinstance(self.kind, LongType) else 31):
            # Spark raises on what its integers can't hold.
            raise UnknownCall("distances beyond an integer")
        distances = np.abs(self._present.to_numpy().astype(np.int64) - int(centre))
        return integer(percentiles(distances.astype(np.float64), (0.5,))[0] or 0)

    def outside(self, low: float, high: float) -> int:
        """Return how many values lie outside of the bounds."""
        if math.isnan(low):
            # In Spark NaN is greater than any number, and these have none among them.
            return len(self._finite)
        return int(np.count_nonzero((self._finite < low) | (self._finite > high)))

    @property
    def _finite(self) -> Floats:
        return as_doubles(self._present, self.kind)

    # What `DataFrame.summary()` counts of it.

    def measure(self) -> Floats:
        """Fill in the mean, the quartiles, and the standard deviation of a long column.

        Return the numbers. Raises `UnknownCall`.
        """
        numbers = self._numbers()
        self.mean = self._mean_text(numbers)
        if isinstance(self.kind, NumericType):
            self._quartiles = percentiles(numbers, _QUARTILES)
        if len(numbers) >= EXACT:
            with np.errstate(all="ignore"):
                self.stddev = float(np.std(numbers, ddof=1))
        return numbers

    def _numbers(self) -> Floats:
        """Return the numbers of a numeric column, NaN among them, those that a text reads as."""
        if isinstance(self.kind, _MOMENTS):
            return self._seconds(self._values)
        if not isinstance(self.kind, StringType):
            return as_doubles(self._values, self.kind)
        known, doubles = read_numbers(self._encoded.dictionary)
        if not known.any():
            return doubles[:0]
        indices = self._encoded.indices.to_numpy()
        found: Floats = doubles[indices[known[indices]]]
        return found

    def quantiles(self) -> tuple[Any, ...]:
        """Return the first of the least numbers, the quartiles, and the first of the greatest.

        NaN is greater than any number. A text has none of these.
        """
        if not len(self._values) or isinstance(self.kind, StringType):
            return (None,) * (len(_QUARTILES) + 2)
        low, high = self._bounds
        missing = len(self._values) > len(self._present)
        quartiles = map(self._typed, self._quartiles)
        return (math.nan if low is None else low), *quartiles, (math.nan if missing else high)

    def _mean_text(self, numbers: Floats) -> str | None:
        if isinstance(self.kind, DecimalType) and len(self._values):
            try:
                return format(decimal_mean(unscaled(self._values), self.kind), "f")
            except OverflowError as error:
                raise UnknownCall("a mean beyond its type") from error
        mean = means([numbers])[0]
        return None if mean is None else repr(mean)

    @property
    def size(self) -> int:
        """How many values there are, NaN among them."""
        return len(self._values)
