"""What is so rare that it may be a slip."""

from collections import Counter
from collections.abc import Hashable
from typing import TypeVar

__all__ = ["frequent", "most_of_one"]

_LEAST = 3
_SHARE = 0.002

T = TypeVar("T", bound=Hashable)


def most_of_one(rows: int) -> int:
    """Return in how many rows one and the same slip occurs at most."""
    return max(_LEAST, int(_SHARE * rows))


def frequent(found: Counter[T], tolerated: float) -> list[T]:
    """Return what is no slip; all of it if the others are more than a share of the rows."""
    rows = found.total()
    kept = [one for one, times in found.items() if times > most_of_one(rows)]
    if rows - sum(found[one] for one in kept) > tolerated * rows:
        return list(found)
    return kept
