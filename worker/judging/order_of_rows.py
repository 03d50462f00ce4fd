"""The column that gives the order in which the rows of a table came."""

from collections.abc import Mapping, Sequence

from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind, Described

__all__ = ["order_of"]

_FILLED = 0.95
_DIFFERENT = 0.01
"""The least share of the rows that differ in a date: of fewer dates nothing comes after another."""


def order_of(columns: Sequence[Column], kinds: Mapping[str, Described]) -> Column | None:
    """Return the moving date with the most different values, else a key of growing numbers.

    None if the table has neither.
    """
    for kind in (ColumnKind.MOVING_DATE, ColumnKind.KEY):
        fit = [
            one
            for one in columns
            if kinds[one.path].kind is kind
            and (one.is_number or one.is_time)
            and one.filled.mean() >= _FILLED
            and one.distinct >= _DIFFERENT * one.rows
        ]
        if fit:
            return max(fit, key=lambda one: one.distinct)
    return None
