"""What is so rare that it may be a slip."""

from worker.kinds.column import Counts, Flags

__all__ = ["frequent", "most_of_one"]

_LEAST = 3
_SHARE = 0.002


def most_of_one(rows: int) -> int:
    """Return in how many rows one and the same slip occurs at most."""
    return max(_LEAST, int(_SHARE * rows))


def frequent(counts: Counts, tolerated: float) -> Flags:
    """Return which things are no slips, of how often each occurs.

    All that occur are none if the others are more than a share of the rows.
    """
    rows = int(counts.sum())
    kept: Flags = counts > most_of_one(rows)
    if counts[~kept].sum() > tolerated * rows:
        kept = counts > 0
    return kept
