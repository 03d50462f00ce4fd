"""Keys: values of which each names one row."""

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate, Estimator

__all__ = ["unique"]

_FEWEST = 100
_EXPECTED = 0.001


def unique(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of a rule that no value occurs twice, but in a share of the rows."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        times = column.times(rows)
        count = times.sum()
        if count < _FEWEST or times[times > 1].sum() > tolerated * count:
            return None
        return Estimate("is_unique", {}, _repeated, "No value occurs twice.", _EXPECTED)

    return estimate


def _repeated(column: Column) -> Flags:
    """Return the rows that share their value; null repeats freely."""
    return column.where(column.times(column.filled) > 1)
