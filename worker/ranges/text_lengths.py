"""How long texts may be: longer than the longest that was seen, as a sample can't show it."""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from worker.kinds.column import Column, Counts, Flags
from worker.ranges.tail import upper_tail

__all__ = ["Longest", "greatest_length", "lengths_of"]

_EXPECTED = 0.0001
"""Texts of the next load that are expected to be longer."""
_MOST = 1000
"""Characters. Arrow counts no further in a pattern."""
_LEAST = 2
_STEP = 10
"""To which a length is rounded up; a long one to a hundred."""
_LONG = 100
_AT_LEAST = 2
_FAR = 10
"""Times the longest. A bound beyond says nothing."""


@dataclass(frozen=True, slots=True)
class Longest:
    """The greatest length, and how many of the next texts are expected to be longer."""

    most: int
    expected: float
    reason: str


def lengths_of(column: Column) -> Counts:
    """Return the number of characters of each different text."""
    kept = column.kept.get(__name__)
    if kept is None:
        lengths = pc.utf8_length(column.different).to_numpy(zero_copy_only=False)
        kept = column.kept[__name__] = np.asarray(lengths, np.int64)
    found: Counts = kept
    return found


def greatest_length(column: Column, rows: Flags) -> Longest | None:
    """Return how long texts may be, made of the flagged rows; None if no bound says anything."""
    # Each text once: only one that was not seen brings a length that was not seen.
    lengths = np.sort(lengths_of(column)[column.times(rows) > 0]).astype(np.float64)
    tail = upper_tail(lengths)
    if tail is None:
        return None
    bound = tail.bound(len(lengths), _EXPECTED)
    if not bound <= min(_MOST, _FAR * tail.greatest):
        return None
    if lengths[0] < lengths[-1]:
        # Where texts are of several lengths the longest has no meaning of its own.
        bound = max(bound, _AT_LEAST * tail.greatest)
        step = _STEP if bound < _LONG else _LONG
        bound = math.ceil(bound / step) * step
    reached = int(bound) == tail.greatest
    return Longest(
        max(int(bound), _LEAST),
        max(tail.expected(len(lengths), bound), _EXPECTED),
        "Many are as long as a text may be." if reached else "There is room for longer ones.",
    )
