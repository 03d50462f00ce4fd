"""Rare values of a list that look like frequent ones, but for a slip."""

from collections.abc import Container

import numpy as np

from worker.kinds.column import Column, Counts, Flags
from worker.ranges.rare import most_of_one
from worker.slips.misplaced import is_alien

__all__ = ["misspelled"]

_RARE = 0.01
"""Of the rows with the value that is meant: a misspelled one has at most this share of them."""
_MOST_VALUES = 2000
_LONG_ENOUGH = 4
"""Letters of words of which one that is wrong shows."""
_SWAPPED = 2
"""Letters."""
_GARBLED = ("Ã", "Â")


def misspelled(
    column: Column,
    times: Counts,
    tolerated: float,
    most: int,
    elsewhere: Container[str] = (),
) -> Flags:
    """Return which different values of a column of texts are misspelled or misplaced ones.

    Those in `elsewhere` are values of other columns.

    None is if they would be more than a share of the rows: then they are values of their own. Nor
    is any if more than `most` values are left, which would be too long a list.
    """
    none = np.zeros(column.distinct, dtype=bool)
    seen = np.flatnonzero(times)
    if len(seen) > _MOST_VALUES:
        return none
    flags = none.copy()
    frequent: list[tuple[str, int]] = []
    slips = tolerated * times.sum()
    for at in seen[np.argsort(-times[seen], kind="stable")].tolist():
        text, count = column.different[at].as_py(), int(times[at])
        meant = (one for one, rows in frequent if count <= max(1, _RARE * rows))
        rare = count <= most_of_one(int(times.sum()))
        if (
            not text.strip()
            or any(_slip(text, one) for one in meant)
            or (rare and text in elsewhere)
            or (rare and frequent and is_alien(text, [one for one, _ in frequent]))
        ):
            flags[at] = True
            slips -= count
        else:
            frequent.append((text, count))
        if slips < 0 or len(frequent) > most:
            return none
    return flags


def _slip(text: str, meant: str) -> bool:
    """Return whether a text is another one but for case, blanks around, encoding or a typo."""
    if any(mark in text and mark not in meant for mark in _GARBLED):
        return True
    one, other = text.strip().casefold(), meant.strip().casefold()
    if one == other:
        return True
    # Of short codes many differ in one letter, and mean different things.
    return min(len(one), len(other)) >= _LONG_ENOUGH and _one_change(one, other)


def _one_change(one: str, other: str) -> bool:
    """Return whether at most one change makes them alike: a letter more, less or other, a swap."""
    if abs(len(one) - len(other)) > 1:
        return False
    begin = 0
    while begin < min(len(one), len(other)) and one[begin] == other[begin]:
        begin += 1
    a, b = one[begin:], other[begin:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return max(len(a), len(b)) <= 1 or (len(a) == _SWAPPED and a == b[::-1])
