"""Dates and moments: not in the future, not before a fixed day. Never a fixed end."""

import math
from datetime import UTC, date, datetime, timedelta
from functools import partial

import numpy as np

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags, count_of
from worker.kinds.names import BIRTHS, FOUNDINGS, ColumnName
from worker.ranges.outliers import without_outliers
from worker.ranges.steps import day_of, moment_of
from worker.ranges.tail import upper_tail

__all__ = ["not_before", "not_far_in_future", "not_in_future"]

_FEWEST = 30
_EXPECTED = 0.01
_DAY = 86_400_000_000
"""In microseconds."""
_YEAR = 365
"""Days."""
_LEAST_YEARS_AHEAD, _MOST_YEARS_AHEAD = 10, 100
_TIMES_AHEAD = 2
"""The bound lies so many times as far ahead as the latest date."""
_FIRST_BIRTH = -25_567
"""Days from 1970 back to 1900-01-01: people older than any that was seen may come, but none who was
born before it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NATURAL = 0.001


def not_in_future(now: datetime, tolerated: float = 0.0) -> Estimator:
    """Return the estimator of a rule that no date is after today, but for a share of the rows."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        chosen = rows & column.filled
        failing, count = partial(_after, now), count_of(chosen)
        if not column.is_time or count < _FEWEST:
            return None
        if count_of(failing(column) & chosen) > tolerated * count:
            return None
        return Estimate("is_not_in_future", {}, failing, "No date lies in the future.", _NATURAL)

    return estimate


def not_far_in_future(now: datetime, tolerated: float = 0.0) -> Estimator:
    """Return the estimator of how many years a date, such as a planned one, may lie ahead.

    It is made without outliers, which are a `tolerated` share of the rows at most.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_time:
            return None
        numbers = column.sorted(rows & column.filled)
        if tolerated:
            numbers = without_outliers(numbers, tolerated, low=False)
        if len(numbers) < _FEWEST:
            return None
        ahead = (numbers[-1] / (1 if column.is_day else _DAY) - (now - _EPOCH).days) / _YEAR
        years = max(_LEAST_YEARS_AHEAD, math.ceil(_TIMES_AHEAD * ahead))
        if years > _MOST_YEARS_AHEAD:
            return None
        offset = timedelta(days=years * _YEAR)
        failing = partial(_after, now + offset)
        if count_of(failing(column) & rows) > tolerated * count_of(rows):
            return None
        reason = "No date lies half as far ahead; the bound moves on with the days."
        arguments = {"offset": offset // timedelta(seconds=1)}
        return Estimate("is_not_in_future", arguments, failing, reason, _NATURAL)

    return estimate


def _after(moment: datetime, column: Column) -> Flags:
    """Return which dates lie after a moment."""
    since = moment - _EPOCH
    latest = float(since.days) if column.is_day else since / timedelta(microseconds=1)
    flags: Flags = column.outside(-np.inf, latest) & column.filled
    return flags


def not_before(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of a day before which there is no date, but of a share of the rows."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_time:
            return None
        numbers = column.sorted(rows & column.filled)
        if tolerated:
            numbers = without_outliers(numbers, tolerated)
        if len(numbers) < _FEWEST or (tail := upper_tail(-numbers[::-1])) is None:
            return None
        unit = 1 if column.is_day else _DAY
        bound = -tail.bound(len(numbers), _EXPECTED)
        first = _rounded(bound / unit, (numbers[-1] - numbers[0]) / unit)
        if first is None:
            return None
        named = ColumnName(column.path)
        if named.hint(BIRTHS):
            of_people = named.hint(FOUNDINGS) is None and numbers[0] >= _FIRST_BIRTH * unit
            first = _FIRST_BIRTH if of_people else min(first, _FIRST_BIRTH)
        limit = float(first * unit)
        return Estimate(
            "is_not_less_than",
            {"limit": day_of(limit) if column.is_day else moment_of(limit)},
            lambda other: other.outside(limit, np.inf),
            "The bound lies before the earliest date, rounded; later dates are free to move on.",
            tail.expected(len(numbers), -limit),
        )

    return estimate


def _rounded(days: float, span: float) -> int | None:
    """Return the first day of the month before, of the year if the dates span some years."""
    try:
        day = date(1970, 1, 1) + timedelta(days=int(np.floor(days)))
    except (OverflowError, ValueError):
        return None
    day = day.replace(day=1) if span < _YEAR else day.replace(month=1, day=1)
    return (day - date(1970, 1, 1)).days
