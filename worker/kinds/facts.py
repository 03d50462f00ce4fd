"""What is counted of a column once, for all that look at it.

Rows of the past have errors, too: nothing here turns on a single row. What holds for 98 of a
hundred rows holds for the column.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.names import ColumnName

__all__ = ["ENOUGH", "NEARLY_ALL", "Facts", "follows_rows", "spread_evenly"]

ENOUGH = 20
"""Values; of fewer neither `always the same` nor `always different` says much."""
NEARLY_ALL = 0.98
_IN_ORDER = 0.95
"""Of the steps from row to row; a wrong value makes one or two steps of the wrong direction."""
_USUAL = 0.001
_UNEVEN = 0.05
_KOLMOGOROV = 1.36
"""Of the test of Kolmogorov and Smirnov, at five in a hundred."""


@dataclass(frozen=True)
class Facts:
    """How many values a column has, and how often each occurs."""

    column: Column

    @cached_property
    def name(self) -> ColumnName:
        """The column's name, in words."""
        return ColumnName(self.column.path)

    @property
    def logical_type(self) -> str:
        """The contract's, in small letters; empty if it is silent."""
        return (self.column.logical_type or "").lower()

    @property
    def rows(self) -> int:
        """Nulls among them."""
        return len(self.column.values)

    @cached_property
    def values(self) -> int:
        """The number of values that are there."""
        return self.rows - int(self.column.values.null_count)

    @property
    def distinct(self) -> int:
        """The number of different values."""
        return self.column.distinct

    @property
    def counts(self) -> NDArray[np.int64]:
        """How often each of the different values occurs, the most frequent first."""
        return self.column.counts[1]

    @cached_property
    def usual(self) -> int:
        """The number of different values that at least one in a thousand rows has.

        If these are not the values of nearly all rows, the number of all different values.
        """
        usual = self.counts[self.counts >= self.values * _USUAL]
        return len(usual) if usual.sum() >= NEARLY_ALL * self.values else self.distinct

    @cached_property
    def new_share(self) -> float:
        """The share of further rows that would show a new value, as Good and Turing estimate it."""
        return float(np.count_nonzero(self.counts == 1)) / self.values

    @property
    def all_differ(self) -> bool:
        """Whether nearly each row has a value of its own, and there are enough rows to say so."""
        return self.values >= ENOUGH and self.distinct >= NEARLY_ALL * self.rows

    @property
    def differ(self) -> str:
        """The clause for columns of which `all_differ`."""
        if self.distinct == self.rows:
            return f"each of {self.rows:,} values differs"
        return f"{self.distinct:,} different values in {self.rows:,} rows"

    @property
    def constant(self) -> Described | None:
        """A constant, if enough rows have one and the same value, and others occur once."""
        others = self.distinct - 1
        once = self.values - int(self.counts[0]) == others
        nearly_all = self.counts[0] >= NEARLY_ALL * self.values
        if self.values < ENOUGH or not (nearly_all and once):
            return None
        if others:
            return Described(
                ColumnKind.CONSTANT, f"all but {others:,} of {self.values:,} values are the same"
            )
        return Described(ColumnKind.CONSTANT, f"all {self.values:,} values are the same")

    def named(self, word: str) -> str:
        """Return the clause about a word of the name."""
        place = "ends in" if self.name.words and self.name.words[-1].endswith(word) else "has"
        return f'the name {place} "{word}"'

    @property
    def few(self) -> str:
        """The clause about the number of different values."""
        of = "row" if self.values == 1 else "rows"
        if self.distinct == 1:
            return f"a single value in {self.values:,} {of}"
        return f"{self.distinct:,} different values in {self.values:,} {of}"


def follows_rows(values: pa.Array) -> bool:
    """Return whether numbers or times grow, or fall, from row to row."""
    steps = np.diff(pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    steps = steps[steps != 0]
    if len(steps) < ENOUGH:
        return False
    growing = np.count_nonzero(steps > 0) / len(steps)
    return bool(growing >= _IN_ORDER or growing <= 1 - _IN_ORDER)


def spread_evenly(ordered: NDArray[np.float64], counts: NDArray[np.int64] | None = None) -> bool:
    """Return whether different numbers in order lie as if drawn evenly between the ends.

    With `counts`, the rows that have them.
    """
    if len(ordered) < ENOUGH:
        return False
    span = float(ordered[-1] - ordered[0])
    # Of the greatest numbers, different ones can be the same as floats, or infinitely far apart.
    if not 0 < span < float("inf"):
        return False
    at = (ordered - ordered[0]) / span
    until = np.arange(len(ordered)) if counts is None else np.cumsum(counts) - counts[0]
    apart = float(np.max(np.abs(at - until / until[-1])))
    return apart <= max(_UNEVEN, _KOLMOGOROV / math.sqrt(len(ordered)))
