"""Years: whole centuries around those that were seen. A year moves on; its century does not."""

import math
from decimal import Decimal

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags, count_of
from worker.ranges.outliers import without_outliers
from worker.ranges.steps import number_of

__all__ = ["years"]

_FEWEST = 30
_CENTURY = 100
_ROOM = 20
"""Years between an extreme and its bound; with fewer, the bound is a century further out."""
_EXPECTED = 0.001
"""Rows that are expected beyond each bound."""


def years(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of the centuries of years; a share of the rows may be outliers."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        numbers = column.sorted(rows & column.filled)
        if tolerated:
            numbers = without_outliers(numbers, tolerated)
        if len(numbers) < _FEWEST:
            return None
        first = _CENTURY * math.floor((numbers[0] - _ROOM) / _CENTURY)
        last = _CENTURY * math.ceil((numbers[-1] + _ROOM) / _CENTURY)
        least, greatest = (
            number_of(column, float(bound), Decimal(1), up=up)
            for bound, up in ((first, False), (last, True))
        )
        found = Estimate(
            "is_in_range",
            {"min_limit": least, "max_limit": greatest},
            lambda other: other.outside(least, greatest),
            "Whole centuries around the years that were seen.",
            2 * _EXPECTED,
        )
        failing = count_of(found.failing(column) & rows)
        return found if failing <= tolerated * count_of(rows) else None

    return estimate
