"""Bounds of numbers: natural ones, else such as allow for what a sample cannot have seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate, Estimator
from worker.suggestions.estimates.natural_bounds import natural_bounds
from worker.suggestions.estimates.steps import number_of, step_of
from worker.suggestions.estimates.tail import upper_tail
from worker.suggestions.kinds.column_kind import ColumnKind

__all__ = ["NARROW", "WIDE", "at_least_zero", "bounds_of"]

_FEWEST = 30
"""The least number of values that bounds are made of."""
NARROW = 0.01
"""Rows of the next load that are expected beyond an estimated bound."""
WIDE = 0.0001
_NATURAL = 0.001
"""Rows that are expected beyond a natural bound."""
_NEAR_ZERO = 0.3
"""Of the median: values that reach down to this share of it may reach zero."""
_NEAR_ZERO_OF_MEASURES = 0.05
"""A measure, such as a temperature, need not end at zero: its values have to come closer."""

Bound = Callable[[NDArray[np.float64], float, float], "_Side | None"]


@dataclass(frozen=True, slots=True)
class _Side:
    """A bound, and how many of the next rows are expected beyond it."""

    bound: float
    expected: float
    natural: bool = False


def bounds_of(kind: ColumnKind, expected: float = NARROW) -> Estimator:
    """Return the estimator of a range for columns of a kind.

    Of the next load so many rows are expected beyond each bound, unless it is a natural one.
    """
    near = _NEAR_ZERO_OF_MEASURES if kind is ColumnKind.MEASURE else _NEAR_ZERO

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        numbers = _sorted(column, rows)
        if numbers is None:
            return None
        natural = natural_bounds(column, kind, numbers)
        if natural is not None:
            low, high = (_Side(one, _NATURAL, natural=True) for one in natural)
            return _range(column, numbers, low, high)
        lowest, highest = _low(numbers, near, expected), _high(numbers, near, expected)
        if lowest is None or highest is None:
            return None
        return _range(column, numbers, lowest, highest)

    return estimate


def at_least_zero(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that numbers are never negative, whatever their greatest value may be."""
    numbers = _sorted(column, rows)
    if numbers is None or numbers[0] < 0:
        return None
    return Estimate(
        "is_not_less_than",
        {"limit": number_of(column, 0.0, step_of(column, numbers, 0.0), up=False)},
        lambda other: _beyond(other, 0.0, math.inf),
        "No number is negative.",
        _NATURAL,
    )


def _sorted(column: Column, rows: Flags) -> NDArray[np.float64] | None:
    """Return the numbers of the flagged rows in order; None if they are too few or not finite."""
    kind = column.values.type
    if column.numbers is None or pa.types.is_temporal(kind):
        return None
    numbers = np.sort(column.numbers[rows & column.filled])
    if len(numbers) < _FEWEST or not np.isfinite(numbers[[0, -1]]).all():
        return None
    return numbers


def _low(numbers: NDArray[np.float64], near: float, expected: float) -> _Side | None:
    least, median = float(numbers[0]), float(numbers[len(numbers) // 2])
    if 0 <= least <= near * median or least == 0:
        return _Side(0.0, _NATURAL, natural=True)
    return _mirrored(_estimated(-numbers[::-1], expected))


def _high(numbers: NDArray[np.float64], near: float, expected: float) -> _Side | None:
    greatest, median = float(numbers[-1]), float(numbers[len(numbers) // 2])
    if near * median <= greatest <= 0 > median or greatest == 0:
        return _Side(0.0, _NATURAL, natural=True)
    return _estimated(numbers, expected)


def _estimated(numbers: NDArray[np.float64], expected: float) -> _Side | None:
    tail = upper_tail(numbers)
    if tail is None:
        return None
    bound = tail.bound(len(numbers), expected)
    return _Side(bound, tail.expected(len(numbers), bound))


def _mirrored(side: _Side | None) -> _Side | None:
    return None if side is None else _Side(-side.bound, side.expected)


def _range(
    column: Column, numbers: NDArray[np.float64], low: _Side, high: _Side
) -> Estimate | None:
    width = high.bound - low.bound
    if not math.isfinite(width):
        return None
    step = step_of(column, numbers, width)
    lowest: Any = number_of(column, low.bound, step, up=False)
    highest: Any = number_of(column, high.bound, step, up=True)
    least, most = float(lowest), float(highest)
    return Estimate(
        "is_in_range",
        {"min_limit": lowest, "max_limit": highest},
        lambda other: _beyond(other, least, most),
        _reason(low, high),
        low.expected + high.expected,
    )


def _beyond(column: Column, least: float, most: float) -> Flags:
    """Return which rows are beyond a bound; null is not."""
    assert column.numbers is not None
    with np.errstate(invalid="ignore"):
        flags: Flags = (column.numbers < least) | (column.numbers > most)
    # To Spark NaN is greater than any number.
    if math.isfinite(most):
        flags |= np.isnan(column.numbers) & column.filled
    return flags


def _reason(low: _Side, high: _Side) -> str:
    if low.natural and high.natural:
        return "Both bounds are natural ones."
    estimated = "allows for values that the rows looked at cannot have shown"
    if low.natural:
        return f"The lower bound is a natural one; the upper one {estimated}."
    if high.natural:
        return f"The upper bound is a natural one; the lower one {estimated}."
    return f"Each bound {estimated}."
