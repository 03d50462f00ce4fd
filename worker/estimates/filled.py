"""Values that are missing in so few rows that they look forgotten."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags, count_of
from worker.ranges.rare import most_of_one

__all__ = ["filled", "missing_together"]

_FEWEST = 1000
_FEWEST_TOGETHER = 5
_SHARE_TOGETHER = 0.01
"""Of the rows: as many may lack several columns at once, such as all of an address."""


def missing_together(columns: Sequence[Column]) -> frozenset[str]:
    """Return the columns that lack values in just the rows in which another one does."""
    rows = {
        one.path: np.packbits(~one.filled).tobytes()
        for one in columns
        if _FEWEST_TOGETHER <= one.values.null_count <= _SHARE_TOGETHER * one.rows
    }
    times = Counter(rows.values())
    return frozenset(path for path, missing in rows.items() if times[missing] > 1)


def filled(*, together: bool = False) -> Estimator:
    """Return the estimator of a rule that every row has a value, if next to all have one.

    More rows may lack it if they lack other values, too: `together`.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        count = count_of(rows)
        missing = count_of(rows & ~column.filled)
        most = max(_SHARE_TOGETHER * count if together else 0, most_of_one(count))
        if count < _FEWEST or missing > most:
            return None
        also = "; the others lack other values, too" if together and missing else ""
        return Estimate(
            "is_not_null",
            {},
            lambda other: ~other.filled,
            f"Next to all rows have a value{also}.",
            float(missing),
        )

    return estimate
