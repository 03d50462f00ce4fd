"""Numbers without the few that lie far beyond the tails of the others."""

import numpy as np

from worker.suggestions.column import Numbers
from worker.suggestions.estimates.rare import most_of_one
from worker.suggestions.estimates.tail import upper_tail

__all__ = ["without_outliers"]

_EXPECTED = 0.001
"""Numbers that are expected beyond the tail of the others, if none is an outlier."""
_LEAST_SHAPE = 0.0
_TRIED = 100
"""Numbers of outliers that are tried."""


def without_outliers(numbers: Numbers, tolerated: float) -> Numbers:
    """Return sorted numbers without outliers at either end, a share of them at most."""
    most = int(tolerated * len(numbers))
    numbers = numbers[: len(numbers) - _outliers(numbers, most)]
    return numbers[_outliers(-numbers[::-1], most) :]


def _outliers(numbers: Numbers, most: int) -> int:
    """Return how many of the greatest numbers lie beyond the tail of all others.

    A number that occurs often is no slip, however far it lies from the others.
    """
    tried = np.unique(np.geomspace(1, max(1, most), _TRIED).astype(int))[::-1].tolist()
    for count in tried if most else ():
        rest, beyond = numbers[:-count], numbers[-count:]
        # Numbers of which the greatest are taken away look as if they had an end.
        tail = upper_tail(rest, least_shape=_LEAST_SHAPE)
        if (
            tail is not None
            and beyond[0] > tail.bound(len(numbers), _EXPECTED)
            and int(np.unique(beyond, return_counts=True)[1].max()) <= most_of_one(len(numbers))
        ):
            return int(count)
    return 0
