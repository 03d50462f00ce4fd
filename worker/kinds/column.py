"""The values of one column, as kinds, estimates and the judge look at them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Bound", "Column", "Counts", "Flags", "Numbers", "count_of"]

Flags = NDArray[np.bool_]
"""A boolean for each row, or for each different value."""
Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
Bound = int | float | Decimal
"""Of numbers, in the type of the column; as a float in the measure of `Column.numbers`."""

_NOT_FLAGGED = np.zeros(1, dtype=bool)


def count_of(flags: Flags) -> int:
    """Return how many are flagged, far quicker than their sum."""
    return int(np.count_nonzero(flags))


@dataclass(frozen=True)
class Column:
    """A column of the rows that were fetched; a field of a struct is a column, too."""

    path: str
    """As a candidate's."""
    values: pa.Array
    """A value for each row, nulls among them."""
    logical_type: str | None = None
    """What the data contract says that the column holds, in ODCS's words; None if it is silent."""

    @property
    def rows(self) -> int:
        """The number of rows, those without a value among them."""
        return len(self.values)

    @cached_property
    def present(self) -> pa.Array:
        """The values that are there."""
        return self.values.drop_null()

    @cached_property
    def filled(self) -> Flags:
        """Whether a row has a value."""
        if not self.values.null_count:
            return np.ones(self.rows, dtype=bool)
        flags: Flags = self.values.is_valid().to_numpy(zero_copy_only=False)
        return flags

    @cached_property
    def is_text(self) -> bool:
        """Whether the values are texts."""
        return bool(pa.types.is_string(self.values.type))

    @cached_property
    def is_whole(self) -> bool:
        """Whether the values are whole numbers by their type."""
        return bool(pa.types.is_integer(self.values.type))

    @cached_property
    def is_number(self) -> bool:
        """Whether the values are numbers by their type; not decimals of tens, say."""
        kind = self.values.type
        others = pa.types.is_floating(kind) or (pa.types.is_decimal(kind) and kind.scale >= 0)
        return bool(self.is_whole or others)

    @cached_property
    def is_day(self) -> bool:
        """Whether the values are dates."""
        return bool(pa.types.is_date32(self.values.type))

    @cached_property
    def is_time(self) -> bool:
        """Whether the values are dates or moments."""
        return bool(self.is_day or pa.types.is_timestamp(self.values.type))

    @property
    def is_zoneless(self) -> bool:
        """Whether the values are moments without a time zone."""
        kind = self.values.type
        return bool(pa.types.is_timestamp(kind) and kind.tz is None)

    @cached_property
    def different(self) -> pa.Array:
        """The different values, each once: the number of a value is its place here."""
        return self._encoded.dictionary

    @property
    def distinct(self) -> int:
        """The number of different values."""
        return len(self.different)

    @cached_property
    def codes(self) -> Counts:
        """For each row the number of its value in `different`; -1 if it has none."""
        indices = self._encoded.indices
        filled = indices.fill_null(-1) if indices.null_count else indices
        codes: Counts = filled.to_numpy().astype(np.int64)
        return codes

    @cached_property
    def counts(self) -> tuple[pa.Array, Counts]:
        """The different values and how often each occurs, the most frequent first."""
        counted = self._times
        order = np.argsort(-counted, kind="stable")
        return self.different.take(pa.array(order)), counted[order]

    def times(self, rows: Flags) -> Counts:
        """Return for each different value how often it occurs among the flagged rows."""
        return self._times if rows.all() else self._counted(self.codes.compress(rows))

    def where(self, values: Flags) -> Flags:
        """Return the rows whose value is flagged, of flags by different values; null is not."""
        # The last place is that of a null.
        flags: Flags = np.concatenate([values, _NOT_FLAGGED])[self.codes]
        return flags

    @cached_property
    def numbers(self) -> Numbers:
        """For each row its number, NaN if it has none.

        Days and microseconds since 1970 are the numbers of dates and moments.
        """
        values = self.values
        if self.is_day:
            values = values.cast(pa.int32())
        elif self.is_time:
            moments = values.cast(pa.timestamp("us", values.type.tz), safe=False)
            values = moments.cast(pa.int64())
        elif not self.is_number:
            return np.full(self.rows, np.nan)
        elif pa.types.is_decimal(values.type):
            # Arrow's own cast to doubles is off by a digit for many decimals.
            values = values.cast(pa.string())
        doubles = values.cast(pa.float64(), safe=False)
        numbers: Numbers = doubles.to_numpy(zero_copy_only=False).astype(np.float64)
        return numbers

    @cached_property
    def ordered(self) -> Numbers:
        """The finite numbers of all rows in order."""
        ordered: Numbers = self.numbers[self._order]
        return ordered

    def sorted(self, rows: Flags) -> Numbers:
        """Return the finite numbers of the flagged rows in order."""
        found: Numbers = self.ordered.compress(rows[self._order])
        return found

    def outside(self, least: Bound, most: Bound) -> Flags:
        """Return the rows whose number is less or greater; null is neither.

        A whole number or a decimal as a bound is compared exactly, and has to fit the type.
        """
        flags = self._beyond(least, np.less, pc.less) | self._beyond(most, np.greater, pc.greater)
        if pa.types.is_floating(self.values.type) and np.isfinite(float(most)):
            # To Spark NaN is greater than any number.
            flags |= np.isnan(self.numbers) & self.filled
        return flags

    def _beyond(
        self,
        bound: Bound,
        numbers_are: Callable[[Any, Any], Flags],
        values_are: Callable[[pa.Array, pa.Scalar], pa.Array],
    ) -> Flags:
        if isinstance(bound, float):
            return numbers_are(self.numbers, bound)
        if self.is_whole:
            return numbers_are(self._wholes, bound) & self.filled
        kind = self.values.type
        # As text: of some decimals Arrow makes no scalar (zero, with all digits behind the point).
        scalar = pa.scalar(f"{bound:f}" if isinstance(bound, Decimal) else str(bound)).cast(kind)
        found = values_are(self.values, scalar).fill_null(False)
        flags: Flags = found.to_numpy(zero_copy_only=False)
        return flags

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What estimates keep of the different values, such as which of them match a pattern."""
        return {}

    @cached_property
    def _wholes(self) -> NDArray[np.integer[Any]]:
        """For each row its whole number, exactly; zero if it has none."""
        wholes: NDArray[np.integer[Any]] = self.values.fill_null(0).to_numpy()
        return wholes

    @cached_property
    def _times(self) -> Counts:
        """For each different value how often it occurs."""
        return self._counted(self.codes)

    def _counted(self, codes: Counts) -> Counts:
        # The first number is that of null.
        counted: Counts = np.bincount(codes + 1, minlength=self.distinct + 1)
        return counted[1:]

    @cached_property
    def _order(self) -> Counts:
        """The rows with a finite number, by their numbers."""
        finite = np.flatnonzero(np.isfinite(self.numbers))
        order: Counts = finite[np.argsort(self.numbers[finite])]
        return order

    @cached_property
    def _encoded(self) -> pa.DictionaryArray:
        return pc.dictionary_encode(self.values)
