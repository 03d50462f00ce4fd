"""What DQX makes of some rows, imitated: it shows how DQX's rules fare on rows they are not made of.

DQX's candidates themselves are tried on held-out rows as they are. To make them anew of parts of
the rows would take DQX and Spark; a range from the least value to the greatest, and a list of the
values that were seen, are what they come to without outliers.
"""

from collections.abc import Mapping

import numpy as np

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate, Estimator
from worker.suggestions.estimates.lists import expected_unseen
from worker.suggestions.estimates.tail import upper_tail

__all__ = ["imitation_of"]


def imitation_of(function: str) -> Estimator | None:
    """Return the imitation of DQX's candidates of a check function; None if there is none."""
    return _IMITATIONS.get(function)


def _seen_range(column: Column, rows: Flags) -> Estimate | None:
    if column.numbers is None:
        return None
    numbers = np.sort(column.numbers[rows & column.filled])
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    least, greatest = numbers[0], numbers[-1]
    tails = (upper_tail(numbers), greatest), (upper_tail(-numbers[::-1]), -least)
    expected = sum(
        1.0 if tail is None else tail.expected(len(numbers), bound) for tail, bound in tails
    )

    def failing(other: Column) -> Flags:
        assert other.numbers is not None
        with np.errstate(invalid="ignore"):
            flags: Flags = (other.numbers < least) | (other.numbers > greatest)
        return flags

    return Estimate("is_in_range", {}, failing, "", expected)


def _seen_values(column: Column, rows: Flags) -> Estimate | None:
    counts = np.bincount(column.codes[rows & column.filled], minlength=column.distinct)
    if not counts.any():
        return None
    # The last place is that of a null.
    unseen = np.append(counts == 0, False)  # noqa: FBT003
    expected = expected_unseen(counts[counts > 0])
    return Estimate("is_in_list", {}, lambda other: unseen[other.codes], "", expected)


def _filled(column: Column, rows: Flags) -> Estimate:
    missing = int((rows & ~column.filled).sum())
    expected = missing or 1 / max(1, int(rows.sum()))
    return Estimate("is_not_null", {}, lambda other: ~other.filled, "", expected)


_IMITATIONS: Mapping[str, Estimator] = {
    "is_in_range": _seen_range,
    "is_not_less_than": _seen_range,
    "is_not_greater_than": _seen_range,
    "is_in_list": _seen_values,
    "is_not_null": _filled,
    "is_not_null_and_not_empty": _filled,
}
