"""Whether the level of numbers moves on with the rows, as a price does with the years."""

from enum import Enum

import numpy as np

from worker.kinds.column import Numbers

__all__ = ["Drift", "drift_of"]

_FEWEST = 100
_BLOCKS = 10
_QUARTILES = (0.25, 0.5, 0.75)
_FAR = 2.0
"""Times the mean distance of the quartiles within a block, between medians of blocks."""
_TREND = 0.5
"""The least correlation of the medians with their order, of a level that moves one way."""


class Drift(Enum):
    """How the level of numbers moves on with the rows."""

    NONE = "none"
    ROUND = "round"
    """It comes back, as temperatures do with the seasons, or goes either way."""
    ONE_WAY = "one way"


def drift_of(numbers: Numbers) -> Drift:
    """Return how numbers in the order of the rows, NaN among them, move on with the rows.

    If medians of ten blocks of rows lie further apart than the numbers of a block, what comes next
    goes beyond what a part of the rows shows.
    """
    present = numbers[np.isfinite(numbers)]
    if len(present) < _FEWEST:
        return Drift.NONE
    # All blocks of one length at once: the first ones have a row more than the others.
    size, longer = divmod(len(present), _BLOCKS)
    parts = np.split(present, [longer * (size + 1)])
    blocks = [one.reshape(-1, size + more) for one, more in zip(parts, (1, 0), strict=True)]
    quartiles = [np.quantile(one, _QUARTILES, axis=1) for one in blocks if len(one)]
    lower, medians, upper = np.concatenate(quartiles, axis=1)
    within, apart = float(np.mean(upper - lower)), float(np.ptp(medians))
    if apart == 0 or apart < _FAR * within:
        return Drift.NONE
    trend = float(np.corrcoef(medians, np.arange(_BLOCKS))[0, 1])
    return Drift.ONE_WAY if abs(trend) >= _TREND else Drift.ROUND
