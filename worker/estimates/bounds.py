"""Bounds of numbers: natural ones, else such as allow for what a sample cannot have seen."""

import math
from dataclasses import dataclass

import numpy as np

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags, Numbers, count_of
from worker.kinds.column_kind import ColumnKind
from worker.ranges.drift import Drift
from worker.ranges.natural_bounds import (
    may_be_negative,
    natural_bounds,
    oldest_of,
    within_scale,
)
from worker.ranges.outliers import without_outliers
from worker.ranges.steps import number_of, step_of
from worker.ranges.tail import upper_tail

__all__ = [
    "NARROW",
    "NATURAL",
    "NEAR",
    "WIDE",
    "WIDEST",
    "at_least_zero",
    "bounds_of",
    "enough_numbers",
    "far_bounds",
]

_FEWEST = 30
"""The least number of values that bounds are made of."""
_MANY = 500
"""Values from which on a narrow bound is tried: the tail of few values is not well known."""
NARROW = 0.01
"""Rows of the next load that are expected beyond an estimated bound."""
WIDE = 0.0001
WIDEST = 0.000_001
"""For a finding: without the values that break it, the tail looks shorter than it is."""
NATURAL = 0.001
"""Rows that are expected beyond a natural bound."""
NEAR, FAR = 1.0, 4.0
"""Times the distance of an extreme from the median, beyond the extreme."""
_ROOM = {Drift.NONE: 0.0, Drift.ROUND: 2.0, Drift.ONE_WAY: 3.0}
"""The least of the same, for numbers that drift with the rows."""
_NEVER = 0.0001
"""Rows that are expected beyond a bound that is so far."""
_FIRST = 0.01
"""The share of counts that are one, the least that shows that none is zero."""
_NEAR_ZERO = 0.3
"""Of the median: values that reach down to this share of it may reach zero."""
_NEAR_ZERO_OF_MEASURES = 0.05
"""A measure, such as a temperature, need not end at zero: its values have to come closer."""


@dataclass(frozen=True, slots=True)
class _End:
    """A bound, and how many of the next rows are expected beyond it."""

    bound: float
    expected: float
    natural: bool = False


_ZERO = _End(0.0, NATURAL, natural=True)
_ONE = _End(1.0, NATURAL, natural=True)


def bounds_of(
    kind: ColumnKind, expected: float = NARROW, tolerated: float = 0.0, *, drift: Drift = Drift.NONE
) -> Estimator:
    """Return the estimator of a range for columns of a kind.

    Of the next load so many rows are expected beyond each bound, unless it is a natural one. A
    `tolerated` share of the rows may be outliers. Numbers with a `drift` get room beyond what was
    seen.
    """
    room = _ROOM[drift]
    near = _NEAR_ZERO_OF_MEASURES if kind is ColumnKind.MEASURE else _NEAR_ZERO

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        numbers = enough_numbers(column, rows)
        if tolerated and numbers is not None:
            # Of altitudes, say, a few lie below zero and are right.
            low = not may_be_negative(column) or numbers[len(numbers) // 2] < 0
            numbers = without_outliers(numbers, tolerated, low=low)
            numbers = within_scale(column, numbers, tolerated)
        if numbers is None:
            return None
        # What is natural does not turn on a part of the rows: a year begins in January.
        natural = natural_bounds(column, kind, numbers if tolerated else column.ordered)
        if kind is ColumnKind.SHARE and drift is not Drift.NONE:
            # Numbers that drift need not be shares of something.
            natural = None
        if natural is not None:
            low, high = (_End(one, NATURAL, natural=True) for one in natural)
            return _range(column, numbers, low, high)
        beyond = expected if len(numbers) >= _MANY else min(expected, WIDE)
        lower = _lower(numbers, near, beyond, room)
        upper = _upper(numbers, near, beyond, room)
        if lower is not None and lower.bound < 0 <= numbers[0] and not may_be_negative(column):
            lower = _ZERO
        if column.is_whole and _begins_with_one(numbers):
            lower = _ONE
        if kind is not ColumnKind.DURATION and upper is not None:
            upper = _of_age(column, numbers, upper)
        if lower is None or upper is None:
            return None
        found = _range(column, numbers, lower, upper)
        # Of numbers beyond the precision of doubles the bounds may lie within.
        if found is None or count_of(found.failing(column) & rows) > tolerated * count_of(rows):
            return None
        return found

    return estimate


def far_bounds(times: float = FAR) -> Estimator:
    """Return the estimator of bounds beyond the extremes, so many times as far from the median.

    They are for numbers that have outgrown bounds which were estimated from a part of them, and
    stop what is a thousand times as much.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        numbers = enough_numbers(column, rows)
        if numbers is None:
            return None
        low, high = (_End(one, _NEVER) for one in _far(numbers, times))
        least, greatest = float(numbers[0]), float(numbers[-1])
        if least >= 0 and not may_be_negative(column):
            low = _ONE if column.is_whole and _begins_with_one(numbers) else _ZERO
        return _range(column, numbers, low, _ZERO if greatest <= 0 else high)

    return estimate


def _far(numbers: Numbers, times: float) -> tuple[float, float]:
    least, median, greatest = (float(numbers[at]) for at in (0, len(numbers) // 2, -1))
    return least - times * (median - least), greatest + times * (greatest - median)


def at_least_zero(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that numbers are never negative, whatever their greatest value may be."""
    numbers = enough_numbers(column, rows)
    if numbers is None or numbers[0] < 0:
        return None
    return Estimate(
        "is_not_less_than",
        {"limit": number_of(column, 0.0, step_of(column, numbers, 0.0), up=False)},
        lambda other: other.outside(0.0, math.inf),
        "No number is negative.",
        NATURAL,
    )


def enough_numbers(column: Column, rows: Flags) -> Numbers | None:
    """Return the numbers of the flagged rows in order; None if they are too few or not finite."""
    chosen = rows & column.filled
    numbers = column.sorted(chosen)
    if not column.is_number or len(numbers) < _FEWEST or len(numbers) < count_of(chosen):
        return None
    return numbers


def _lower(numbers: Numbers, near: float, expected: float, room: float) -> _End | None:
    least, median = float(numbers[0]), float(numbers[len(numbers) // 2])
    if 0 <= least <= near * median or least == 0:
        return _ZERO
    found = _estimated(-numbers[::-1], expected, room)
    return None if found is None else _End(-found.bound, found.expected)


def _begins_with_one(numbers: Numbers) -> bool:
    """Return whether so many have the value one that a zero would have been seen."""
    ones = int(np.searchsorted(numbers, 1.0, "right"))
    return numbers[0] == 1 and ones >= max(_FEWEST, _FIRST * len(numbers))


def _of_age(column: Column, numbers: Numbers, upper: _End) -> _End:
    """Return the upper bound, which of the ages of people lies no higher than people live."""
    oldest = oldest_of(column, numbers)
    if oldest is None or upper.bound <= oldest:
        return upper
    return _End(oldest, NATURAL, natural=True)


def _upper(numbers: Numbers, near: float, expected: float, room: float) -> _End | None:
    greatest, median = float(numbers[-1]), float(numbers[len(numbers) // 2])
    if near * median <= greatest <= 0 > median or greatest == 0:
        return _ZERO
    return _estimated(numbers, expected, room)


def _estimated(numbers: Numbers, expected: float, room: float) -> _End | None:
    tail = upper_tail(numbers)
    if tail is None:
        return None
    # The tail of a few large values may have no end in sight.
    bound = min(tail.bound(len(numbers), expected), _far(numbers, FAR)[1])
    bound = max(bound, _far(numbers, room)[1])
    return _End(bound, tail.expected(len(numbers), bound))


def _range(column: Column, numbers: Numbers, low: _End, high: _End) -> Estimate | None:
    width = high.bound - low.bound
    if not math.isfinite(width):
        return None
    step = step_of(column, numbers, width)
    lowest = number_of(column, low.bound, step, up=False)
    highest = number_of(column, high.bound, step, up=True)
    return Estimate(
        "is_in_range",
        {"min_limit": lowest, "max_limit": highest},
        lambda other: other.outside(lowest, highest),
        _reason(low, high, (numbers[0] <= lowest, numbers[-1] >= highest)),
        low.expected + high.expected,
    )


def _reason(low: _End, high: _End, reached: tuple[bool, bool]) -> str:
    """Return why the bounds are what they are; some are `reached` by values."""
    if low.natural and high.natural:
        return "Both bounds are natural ones."
    lower, upper = (_of_end(*one) for one in zip((low, high), reached, strict=True))
    if lower == upper:
        return f"Each bound {lower}."
    return f"The lower bound {lower}; the upper one {upper}."


def _of_end(end: _End, reached: bool) -> str:
    if end.natural:
        return "is a natural one"
    if reached:
        return "is a value that many rows have, and none lies beyond it"
    return "lies beyond what was seen, because a sample misses the extremes"
