"""Rare values of a list that look like frequent ones, but for a slip."""

import numpy as np

from worker.suggestions.column import Column, Counts, Flags

__all__ = ["misspelled"]

_RARE = 0.01
"""Of the rows with the value that is meant: a misspelled one has at most this share of them."""
_MOST_VALUES = 2000
_MOST_SLIPS = 2
_GARBLED = ("Ã", "Â")


def misspelled(column: Column, times: Counts, tolerated: float) -> Flags:
    """Return which different values of a column of texts are misspelled ones.

    None is if they would be more than a share of the rows: then they are values of their own.
    """
    flags = np.zeros(column.distinct, dtype=bool)
    seen = np.flatnonzero(times)
    if len(seen) > _MOST_VALUES:
        return flags
    order = seen[np.argsort(-times[seen], kind="stable")]
    texts = {int(at): column.different[int(at)].as_py() for at in order}
    for at in order:
        text, count = texts[int(at)], times[at]
        flags[at] = any(
            not flags[other] and count <= max(1, _RARE * times[other]) and _slip(text, texts[int(other)])
            for other in order
            if times[other] > count
        ) or _blank(text)
    wrong = times[flags].sum()
    return flags if wrong <= tolerated * times.sum() else np.zeros(column.distinct, dtype=bool)


def _blank(text: str) -> bool:
    return not text.strip()


def _slip(text: str, meant: str) -> bool:
    """Return whether a text is another one but for case, blanks around, encoding or a typo."""
    one, other = text.strip().casefold(), meant.strip().casefold()
    if one == other:
        return True
    if any(mark in text and mark not in meant for mark in _GARBLED):
        return True
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 2:
        return False
    return _distance_at_most_one(one, other)


def _distance_at_most_one(one: str, other: str) -> bool:
    """Return whether one change makes them alike: a letter more, less or other, or two swapped."""
    begin = 0
    while begin < min(len(one), len(other)) and one[begin] == other[begin]:
        begin += 1
    a, b = one[begin:], other[begin:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return len(a) + len(b) <= 1 or (len(a) == len(b) == 1) or (len(a) == 2 and a == b[::-1])
