"""Two columns that name a row together, such as a station and an hour."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa

from worker.kinds.column import Column

__all__ = ["composite_key", "together"]

_LEAST_EXPECTED = 50
"""Pairs of rows with the same two values, if the columns had nothing to do with each other."""
_MOST_COLUMNS = 12
"""Columns of which the pairs are tried, those with the most different values first."""


def composite_key(columns: Sequence[Column]) -> tuple[Column, Column] | None:
    """Return two of the columns whose values together occur once; None if there are none.

    Of columns with many different values no row repeats two by chance. So they are a key only if
    many rows would, were it left to chance. The pair for which most would is returned.
    """
    full = [one for one in columns if one.rows and not one.values.null_count]
    chosen = sorted(full, key=lambda one: -one.distinct)[:_MOST_COLUMNS]
    alike = {one.path: _alike(one) for one in chosen}
    expected = {
        (one.path, other.path): one.rows * (one.rows - 1) / 2 * alike[one.path] * alike[other.path]
        for one, other in combinations(chosen, 2)
    }
    by_path = {one.path: one for one in chosen}
    for pair in sorted(expected, key=lambda pair: -expected[pair]):
        one, other = (by_path[path] for path in pair)
        if expected[pair] < _LEAST_EXPECTED:
            return None
        if one.distinct * other.distinct >= one.rows and together(one, other).distinct == one.rows:
            return one, other
    return None


def together(one: Column, other: Column) -> Column:
    """Return a column of numbers that are equal where both columns are."""
    numbers = one.codes * np.int64(other.distinct) + other.codes
    return Column(f"{one.path}, {other.path}", pa.array(numbers))


def _alike(column: Column) -> float:
    """Return the share of the pairs of rows that have the same value."""
    shares = column.counts[1] / column.rows
    return float((shares**2).sum())
