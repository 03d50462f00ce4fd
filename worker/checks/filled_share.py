"""The check that a share of the rows has a value in a column.

DQX has no function for it. It is the average of a condition, which DQX takes as SQL in the place of
a column (0.17, check_funcs.py: is_aggr_not_less_than).
"""

import re
from collections.abc import Mapping
from typing import Any

from worker.tables.column_paths import names_of, quoted

__all__ = ["FILLED_SHARE", "Expression", "column_of_share", "is_filled_share", "share_arguments"]

FILLED_SHARE = "is_aggr_not_less_than"
"""The check function."""
_AVERAGE = "avg"
_SQL = re.compile(r"CAST\(((?:`(?:[^`]|``)+`|\.)+) IS NOT NULL AS INT\)")


class Expression(str):
    """SQL in the place of a column. It is no name, so nothing may quote it."""

    __slots__ = ()


def share_arguments(path: str, limit: float) -> Mapping[str, Any]:
    """Return the arguments of the check that at least this share of the rows has a value."""
    column = ".".join(map(quoted, names_of(path)))
    filled = Expression(f"CAST({column} IS NOT NULL AS INT)")
    return {"column": filled, "limit": limit, "aggr_type": _AVERAGE}


def is_filled_share(function: str, arguments: Mapping[str, Any]) -> bool:
    """Return whether a check is of this form."""
    column = arguments.get("column")
    return (
        function == FILLED_SHARE
        and arguments.get("aggr_type") == _AVERAGE
        and isinstance(column, str)
        and column_of_share(column) is not None
    )


def column_of_share(argument: str) -> str | None:
    """Return the column that the condition of such a check is about, quoted; None of others."""
    found = _SQL.fullmatch(argument)
    return None if found is None else found[1]
