"""Values that are missing in a few rows: the share that has one may fall only so far."""

import math

from worker.checks.filled_share import FILLED_SHARE, share_arguments
from worker.estimates.estimate import Estimate
from worker.kinds.column import Column, Flags, count_of

__all__ = ["mostly_filled"]

_FEWEST = 300
_MOST_MISSING = 0.1
"""The share of the rows above which a value is optional, rather than missing."""
_DEVIATIONS = 4
_DRIFT = 3.0
"""The factor by which the share of missing values may grow from load to load."""
_ALLOWED = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
"""Shares of missing values, as people write them. A break of the least one flags a whole load."""


def mostly_filled(column: Column, rows: Flags) -> Estimate | None:
    """Return a limit of the share of the rows that have a value, if some have none.

    The share that is missing is a sample of what it is in the long run, and so is that of the next
    load: the limit allows for both, and for a drift.
    """
    count = count_of(rows)
    missing = count_of(rows & ~column.filled)
    if count < _FEWEST or not 0 < missing <= _MOST_MISSING * count:
        return None
    share = missing / count
    deviation = math.sqrt(2 * share * (1 - share) / count)
    most = max(_DRIFT * share, share + _DEVIATIONS * deviation)
    allowed = next((one for one in _ALLOWED if one >= round(most, 9)), None)
    if allowed is None:
        return None
    return Estimate(
        FILLED_SHARE,
        share_arguments(column.path, round(1 - allowed, 3)),
        lambda other: ~other.filled,
        f"{missing:,} of {count:,} rows have no value now; the limit leaves room for three "
        "times the share, and for chance.",
        math.erfc((allowed - share) / deviation / math.sqrt(2)) / 2,
        most_failing=allowed,
    )
