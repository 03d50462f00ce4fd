"""A check's arguments as JSON that DQX reads back as the same values."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from worker.checks.column_names import as_argument
from worker.counting.check import COLUMN_ARGUMENTS, Check

__all__ = ["LIST_ARGUMENTS", "portable", "zoneless_literal", "zoneless_moment"]

LIST_ARGUMENTS = frozenset({"allowed", "forbidden"})

_ONE_BOUND = {"min_limit": "is_not_less_than", "max_limit": "is_not_greater_than"}
_BOUNDS = frozenset({"limit", *_ONE_BOUND})
_DAY = re.compile(r"(\d{1,4})-(\d\d)-(\d\d)(T.*)?")
_UTC = re.compile(r"(\d{1,4})(-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)\+0000")
_ZONELESS = re.compile(r"TIMESTAMP_NTZ '(.*)'", re.DOTALL)
# Of an earlier day DQX's own way to Spark fails, of an earlier moment it ends in another calendar
# (0.17, get_limit_expr; pyspark 4.1, DateConverter, DatetimeConverter).
_FIRST_DAY, _FIRST_MOMENT = (1000, 1, 1), (1582, 10, 15)


def portable(check: Check, *, zoneless: bool = False) -> Check | None:
    """Return `check` with arguments that survive JSON and the reading of a contract.

    A `zoneless` column's bounds become literals of its type. DQX writes them as moments in UTC, and
    Spark would compare those with the column's values in the time zone of the session that checks.

    Columns are quoted where they must be, lists sorted (DQX's order varies from run to run),
    decimals written as SQL literals such as `0.37BD`: a contract's reader takes no other form
    exactly. Of a range with a bound that DQX could not apply (NaN, infinite, before the calendar
    of today) the other bound stays. None if nothing is left to check.
    """
    arguments = {name: _argument(name, value) for name, value in check.arguments.items()}
    if zoneless:
        arguments |= {name: _zoneless(arguments[name]) for name in _BOUNDS & arguments.keys()}
    if any(arguments.get(name) == [] for name in LIST_ARGUMENTS):
        return None
    unfit = [
        name
        for name, value in arguments.items()
        if not _storable(value) or (name in _BOUNDS and _before_the_calendar(value))
    ]
    if not unfit:
        return replace(check, arguments=arguments)
    bounds = {
        name: value
        for name, value in arguments.items()
        if name in _ONE_BOUND and name not in unfit and value is not None
    }
    if check.function != "is_in_range" or len(bounds) != 1:
        return None
    (bound, limit), *_ = bounds.items()
    others = {name: value for name, value in arguments.items() if name not in _ONE_BOUND}
    return replace(
        check,
        function=_ONE_BOUND[bound],
        arguments=others | {"limit": limit},
        name=check.name.removesuffix("_isnt_in_range") + _ONE_BOUND[bound].removeprefix("is"),
    )


def zoneless_moment(text: str) -> str | None:
    """Return the moment in a SQL literal of the type TIMESTAMP_NTZ; None of any other text."""
    literal = _ZONELESS.fullmatch(text)
    return literal[1] if literal else None


def zoneless_literal(moment: datetime) -> str:
    """Return a moment as a SQL literal of the type TIMESTAMP_NTZ that has the time in UTC."""
    return f"TIMESTAMP_NTZ '{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"


def _zoneless(bound: Any) -> Any:
    """Return a moment that DQX wrote in UTC as SQL: no ISO text, which DQX takes for a moment."""
    moment = _UTC.fullmatch(bound) if isinstance(bound, str) else None
    return f"TIMESTAMP_NTZ '{moment[1]:0>4}{moment[2]} {moment[3]}'" if moment else bound


def _argument(name: str, value: Any) -> Any:
    if name in COLUMN_ARGUMENTS:
        return as_argument(value) if isinstance(value, str) else [as_argument(v) for v in value]
    if name in LIST_ARGUMENTS:
        return sorted((_literal(entry) for entry in value), key=_order)
    return _literal(value)


def _literal(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}BD"
    if isinstance(value, Mapping):
        return {key: _literal(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_literal(entry) for entry in value]
    return value


def _storable(value: Any) -> bool:
    """Return whether JSON has the value: no NaN, no infinity, no bytes."""
    match value:
        case None | bool() | int() | str():
            return True
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_storable, value))
        case Mapping():
            return all(map(_storable, value.values()))
        case _:
            return False


def _before_the_calendar(value: Any) -> bool:
    day = _DAY.fullmatch(value) if isinstance(value, str) else None
    if day is None:
        return False
    return tuple(map(int, day.groups()[:3])) < (_FIRST_MOMENT if day[4] else _FIRST_DAY)


def _order(value: Any) -> tuple[str, Any]:
    return ("number", value) if isinstance(value, int | float) else ("text", str(value))
