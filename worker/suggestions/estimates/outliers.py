"""Numbers without the few that lie far beyond the tails of the others."""

from worker.suggestions.column import Numbers
from worker.suggestions.estimates.tail import upper_tail

__all__ = ["without_outliers"]

_EXPECTED = 0.0001
"""Numbers that are expected beyond the tail of the others, if none is an outlier."""
_ROUNDS = 5


def without_outliers(numbers: Numbers, tolerated: float) -> Numbers:
    """Return sorted numbers without outliers at either end, a share of them at most.

    Of a tail that too many numbers exceed, none is an outlier.
    """
    numbers = _without_greatest(numbers, tolerated)
    return -_without_greatest(-numbers[::-1], tolerated)[::-1]


def _without_greatest(numbers: Numbers, tolerated: float) -> Numbers:
    """Leave out the greatest numbers; the tail is estimated anew of those that are kept.

    It begins without any that may be outliers, and grows until no number is left out wrongly.
    """
    kept = len(numbers) - int(tolerated * len(numbers))
    for _ in range(_ROUNDS):
        tail = upper_tail(numbers[:kept])
        if tail is None:
            return numbers
        bound = tail.bound(len(numbers), _EXPECTED)
        inside = int((numbers <= bound).sum())
        if inside <= kept:
            break
        kept = inside
    return numbers[:kept] if inside <= kept < len(numbers) else numbers
