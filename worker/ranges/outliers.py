"""Numbers without the few that lie far beyond the tails of the others."""

from collections.abc import Sequence

import numpy as np

from worker.kinds.column import Numbers
from worker.ranges.rare import most_of_one
from worker.ranges.tail import size_of_tail, upper_tail

__all__ = ["without_outliers"]

_EXPECTED = 0.001
"""Numbers that are expected beyond the tail of the others, if none is an outlier."""
_TRIED = 100
"""Numbers of outliers that are tried."""
_FEWEST_OF_GROUP = 3
_GROUP = 2.0
"""Times the distance of the nearest one, for the farthest one of a group."""
_BEYOND = 1.25
"""Times the distance of the extreme of the others from the median: what lies nearer is no slip."""
_NEAR = 3.0
"""Times the distance of the bound from the median, for a group that is not far away."""
_STEPS = 2
"""Steps between the values, for a value beyond an end that many reach."""
_FAR = 8.0
"""Mean excesses. No bound of so few expected numbers lies closer to the threshold of its tail: that
of an exponential one with the fewest excesses, eight, lies log(8 / 0.001) = 9.0 beyond it."""


def without_outliers(numbers: Numbers, tolerated: float, *, low: bool = True) -> Numbers:
    """Return sorted numbers without outliers at the upper end and, if `low`, at the lower one.

    They are a share of the numbers at most.
    """
    most = int(tolerated * len(numbers))
    numbers = numbers[: len(numbers) - _outliers(numbers, most)]
    return numbers[_outliers(-numbers[::-1], most) :] if low else numbers


def _outliers(numbers: Numbers, most: int) -> int:
    """Return how many of the greatest numbers are slips beyond the tail of all others."""
    for count in _worth_a_try(numbers, most):
        rest, beyond = numbers[:-count], numbers[-count:]
        tail = upper_tail(rest)
        if tail is None:
            continue
        bound, median = tail.bound(len(numbers), _EXPECTED), float(rest[len(rest) // 2])
        if not tail.scale:
            # Many values reach an end; one a little beyond it is rare, such as a third engine.
            bound += _STEPS * float(np.diff(np.unique(rest)).min(initial=np.inf))
        else:
            bound = max(bound, median + _BEYOND * (float(rest[-1]) - median))
        if beyond[0] > bound and _are_slips(beyond - median, bound - median, len(numbers)):
            return count
    return 0


def _are_slips(beyond: Numbers, bound: float, rows: int) -> bool:
    """Return whether distances from the median beyond a bound are of slips.

    A number that occurs often is none, nor are several that lie close together and not far away:
    they are a group of their own, such as the few long flights of an airline.
    """
    often = int(np.unique(beyond, return_counts=True)[1].max())
    close = beyond[-1] <= _GROUP * beyond[0] and beyond[0] < _NEAR * bound
    return often <= most_of_one(rows) and not (close and len(beyond) >= _FEWEST_OF_GROUP)


def _worth_a_try(numbers: Numbers, most: int) -> Sequence[int]:
    """Return how many of the greatest numbers may be outliers, the most first.

    It saves the time of tails: next to no column has any.
    """
    if not most:
        return ()
    counts = np.unique(np.geomspace(1, most, _TRIED).astype(int))[::-1]
    sizes = np.array([size_of_tail(len(numbers) - one) for one in counts.tolist()])
    start = max(0, len(numbers) - int((counts + sizes).max()) - 1)
    above = numbers[start:] - numbers[start]
    sums = np.concatenate([[0.0], np.cumsum(above)])
    ends = len(above) - counts
    thresholds = above[np.maximum(ends - sizes - 1, 0)]
    means = (sums[ends] - sums[np.maximum(ends - sizes, 0)]) / np.maximum(sizes, 1) - thresholds
    far = above[ends] > thresholds + _FAR * means
    found: list[int] = counts[far & (sizes > 0)].tolist()
    return found
