"""What DQX makes of some rows, imitated, to see how it fares on rows that it was not made of.

DQX's candidates themselves are tried on held-out rows as they are. To make them anew of parts of
the rows would take DQX and Spark; a range from the least value to the greatest, and a list of the
values that were seen, are what they come to without outliers.
"""

from collections.abc import Mapping

from worker.estimates.estimate import Estimate, Estimator
from worker.estimates.lists import expected_unseen
from worker.kinds.column import Column, Flags, count_of
from worker.ranges.tail import upper_tail

__all__ = ["imitation_of"]

_DOUBT = 100.0
"""Of columns without a null: rows of the next load that are expected to have one, times those that
were seen. It is more than chance gives, because some columns only look full."""


def imitation_of(function: str) -> Estimator | None:
    """Return the imitation of DQX's candidates of a check function; None if there is none."""
    return _IMITATIONS.get(function)


def _seen_range(column: Column, rows: Flags) -> Estimate | None:
    numbers = column.sorted(rows)
    if not len(numbers):
        return None
    least, greatest = float(numbers[0]), float(numbers[-1])
    tails = (upper_tail(numbers), greatest), (upper_tail(-numbers[::-1]), -least)
    expected = sum(
        1.0 if tail is None else tail.expected(len(numbers), bound) for tail, bound in tails
    )
    return Estimate("is_in_range", {}, lambda other: other.outside(least, greatest), "", expected)


def _seen_values(column: Column, rows: Flags) -> Estimate | None:
    times = column.times(rows)
    if not times.any():
        return None
    # The refits try it on rows of the same column, whose values have the same numbers.
    unseen = times == 0
    expected = expected_unseen(times[times > 0])
    return Estimate("is_in_list", {}, lambda other: other.where(unseen), "", expected)


def _filled(column: Column, rows: Flags) -> Estimate:
    missing = count_of(rows & ~column.filled)
    expected = missing or _DOUBT / max(1, count_of(rows))
    return Estimate("is_not_null", {}, lambda other: ~other.filled, "", expected)


_IMITATIONS: Mapping[str, Estimator] = {
    "is_in_range": _seen_range,
    "is_not_less_than": _seen_range,
    "is_not_greater_than": _seen_range,
    "is_in_list": _seen_values,
    "is_not_null": _filled,
    "is_not_null_and_not_empty": _filled,
}
