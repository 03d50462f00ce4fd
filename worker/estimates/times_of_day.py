"""Times of a day that are written as whole numbers, such as 517 and 2359."""

import numpy as np

from worker.estimates.bounds import NATURAL, enough_numbers
from worker.estimates.estimate import Estimate
from worker.kinds.column import Column, Flags

__all__ = ["times_of_day"]

_LAST = 2400
"""Midnight, at the end of a day."""
_NOON = 1200
"""Noon: numbers that end before it may be anything."""
_HOUR, _MINUTES = 100, 60
_DIFFERENT = 60
_NEARLY_ALL = 0.99


def times_of_day(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that numbers are hours and minutes of one day, if nearly all read as such."""
    numbers = enough_numbers(column, rows)
    if numbers is None or numbers[0] < 0 or not _NOON < numbers[-1] <= _LAST:
        return None
    minutes = numbers % _HOUR
    if (minutes < _MINUTES).mean() < _NEARLY_ALL or len(np.unique(numbers)) < _DIFFERENT:
        return None
    return Estimate(
        "is_in_range",
        {"min_limit": 0, "max_limit": _LAST}
        if column.is_whole
        else {"min_limit": 0.0, "max_limit": float(_LAST)},
        lambda other: other.outside(0, _LAST),
        "The numbers read as hours and minutes of a day.",
        2 * NATURAL,
    )
