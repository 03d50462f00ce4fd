"""Values that are missing in so few rows that they look forgotten."""

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate
from worker.suggestions.estimates.rare import most_of_one

__all__ = ["filled"]

_FEWEST = 1000


def filled(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that every row has a value, if next to all have one."""
    count = int(rows.sum())
    missing = int((rows & ~column.filled).sum())
    if count < _FEWEST or missing > most_of_one(count):
        return None
    return Estimate(
        "is_not_null",
        {},
        lambda other: ~other.filled,
        "Next to all rows have a value.",
        float(missing),
    )
