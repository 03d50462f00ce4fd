"""Dates and moments: not in the future, not before a fixed day. Never a fixed end."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate
from worker.suggestions.estimates.steps import day_of, moment_of
from worker.suggestions.estimates.tail import upper_tail

__all__ = ["not_before", "not_in_future"]

_FEWEST = 30
_EXPECTED = 0.01
_DAY = 86_400_000_000
"""In microseconds."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def not_in_future(now: datetime) -> Callable[[Column, Flags], Estimate | None]:
    """Return the estimator of a rule that no date is after today."""

    def failing(column: Column) -> Flags:
        assert column.numbers is not None
        with np.errstate(invalid="ignore"):
            flags: Flags = column.numbers > _in_units(column, now)
        return flags

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        chosen = rows & column.filled
        if not _temporal(column) or chosen.sum() < _FEWEST or failing(column)[chosen].any():
            return None
        return Estimate("is_not_in_future", {}, failing, "No date lies in the future.", 0.001)

    return estimate


def not_before(column: Column, rows: Flags) -> Estimate | None:
    """Estimate a day before which there is none."""
    if not _temporal(column) or column.numbers is None:
        return None
    numbers = np.sort(column.numbers[rows & column.filled])
    if len(numbers) < _FEWEST or (tail := upper_tail(-numbers[::-1])) is None:
        return None
    unit = 1 if pa.types.is_date32(column.values.type) else _DAY
    days = -tail.bound(len(numbers), _EXPECTED) / unit
    span = (numbers[-1] - numbers[0]) / unit
    first = _rounded(days, span)
    if first is None:
        return None
    limit = first * unit

    def failing(other: Column) -> Flags:
        assert other.numbers is not None
        with np.errstate(invalid="ignore"):
            flags: Flags = other.numbers < limit
        return flags

    return Estimate(
        "is_not_less_than",
        {"limit": day_of(limit) if unit == 1 else moment_of(limit)},
        failing,
        "The bound lies before the earliest date, rounded; later dates are free to move on.",
        tail.expected(len(numbers), -limit),
    )


def _rounded(days: float, span: float) -> int | None:
    """Return the first day of the month before, of the year if the dates span some years."""
    try:
        day = date(1970, 1, 1) + timedelta(days=int(np.floor(days)))
    except (OverflowError, ValueError):
        return None
    day = day.replace(day=1) if span < 365 else day.replace(month=1, day=1)
    return (day - date(1970, 1, 1)).days


def _temporal(column: Column) -> bool:
    kind = column.values.type
    return pa.types.is_date32(kind) or pa.types.is_timestamp(kind)


def _in_units(column: Column, now: datetime) -> float:
    since = now - _EPOCH
    if pa.types.is_date32(column.values.type):
        return since.days
    return since / timedelta(microseconds=1)
