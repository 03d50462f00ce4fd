"""What DQX makes of some rows, imitated, to see how it fares on rows that it was not made of.

DQX's candidates themselves are tried on held-out rows as they are. To make them anew of parts of
the rows would take DQX and Spark; a range from the least value to the greatest, and a list of the
values that were seen, are what they come to without outliers.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from worker.estimates.estimate import Estimate, Estimator
from worker.estimates.lists import expected_unseen
from worker.kinds.column import Column, Flags
from worker.ranges.tail import upper_tail

__all__ = ["Imitation", "imitation_of"]

_DOUBT = 100.0
"""Of columns without a null: rows of the next load that are expected to have one, times those that
were seen. It is more than chance gives, because some columns only look full."""


@dataclass(frozen=True, slots=True)
class Imitation:
    """How DQX's candidates of a check function are imitated."""

    make: Estimator
    """Makes one of some rows. It expects NaN: the judge reads `expected` below instead."""
    expected: Callable[[Column], float | None]
    """Returns how many rows of the next load are expected to fail, if it is made of all rows."""


def imitation_of(function: str) -> Imitation | None:
    """Return the imitation of DQX's candidates of a check function; None if there is none."""
    return _IMITATIONS.get(function)


def _seen_range(column: Column, rows: Flags) -> Estimate | None:
    numbers = column.sorted(rows)
    if not len(numbers):
        return None
    least, greatest = float(numbers[0]), float(numbers[-1])
    return Estimate("is_in_range", {}, lambda other: other.outside(least, greatest), "", math.nan)


def _beyond_range(column: Column) -> float | None:
    numbers = column.ordered
    if not len(numbers):
        return None
    tails = (upper_tail(one) for one in (numbers, -numbers[::-1]))
    return sum(
        1.0 if tail is None else tail.expected(len(numbers), tail.greatest) for tail in tails
    )


def _seen_values(column: Column, rows: Flags) -> Estimate | None:
    times = column.times(rows)
    if not times.any():
        return None
    # The refits try it on rows of the same column, whose values have the same numbers.
    unseen = times == 0
    return Estimate("is_in_list", {}, lambda other: other.where(unseen), "", math.nan)


def _beyond_values(column: Column) -> float | None:
    times = column.times(np.ones(column.rows, dtype=bool))
    return expected_unseen(times) if len(times) else None


def _missing(column: Column) -> float:
    return float(column.values.null_count) or _DOUBT / max(1, column.rows)


_RANGE = Imitation(_seen_range, _beyond_range)
_LIST = Imitation(_seen_values, _beyond_values)
_IS_FILLED = Estimate("is_not_null", {}, lambda other: ~other.filled, "", math.nan)
_FILLED = Imitation(lambda *_: _IS_FILLED, _missing)
_IMITATIONS: Mapping[str, Imitation] = {
    "is_in_range": _RANGE,
    "is_not_less_than": _RANGE,
    "is_not_greater_than": _RANGE,
    "is_in_list": _LIST,
    "is_not_null": _FILLED,
    "is_not_null_and_not_empty": _FILLED,
}
