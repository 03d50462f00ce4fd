"""Codes without a common shape, such as hexadecimal numbers: their characters and their length."""

from collections.abc import Sequence

import numpy as np

from worker.estimates import matching
from worker.estimates.estimate import Estimate, Estimator
from worker.estimates.lists import expected_unseen
from worker.kinds.column import Column, Counts, Flags
from worker.patterns.text_patterns import word_of
from worker.ranges.rare import frequent
from worker.ranges.text_lengths import lengths_of

__all__ = ["words"]

_FEWEST = 100
_CHARACTERS: Sequence[str] = (
    *("0-9", "0-9A-F", "0-9a-f", "A-Z", "a-z", "0-9A-Z", "0-9a-z", "A-Za-z", "0-9A-Za-z"),
    r"0-9A-Za-z_\-",
)
"""Sets of characters, from narrow to wide."""
_LONGEST = 1000
_MOST_EXPECTED = 0.1
"""Lengths that occur and were not seen."""
_VARIED = 500
"""Characters in different texts, the least that show that no other ones occur."""


def words(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of the characters of codes, and how many they have.

    A `tolerated` share of the rows may be others.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        times = column.times(rows)
        count = int(times.sum())
        if not column.is_text or count < _FEWEST:
            return None
        lengths = lengths_of(column)
        found = _lengths(lengths, times, tolerated)
        expected = expected_unseen(found[found > 0])
        if expected > _MOST_EXPECTED or lengths[times > 0].sum() < _VARIED:
            return None
        usual = np.flatnonzero(found)
        least, most = int(usual[0]), int(usual[-1])
        if not 0 < least <= most < _LONGEST:
            return None
        for characters in _CHARACTERS:
            pattern = word_of(characters, least, most)
            failing = times[~matching.matches(column, pattern)].sum()
            if failing <= tolerated * count:
                return Estimate(
                    "regex_match",
                    {"regex": pattern},
                    matching.failing(pattern),
                    "Every value has such characters, and so many.",
                    max(expected, 1 / count),
                )
        return None

    return estimate


def _lengths(lengths: Counts, times: Counts, tolerated: float) -> Counts:
    """Return for each length in how many rows it occurs, if it is no slip."""
    rows = np.bincount(lengths, times).astype(np.int64)
    found: Counts = np.where(frequent(rows, tolerated), rows, 0)
    return found
