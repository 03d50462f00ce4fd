"""A check's arguments as JSON that DQX reads back as the same values."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from worker.checks.catalogue import function_of
from worker.checks.catalogue.arguments import BOUNDS, LISTS
from worker.checks.column_names import as_argument
from worker.checks.filled_share import Expression
from worker.counting.check import COLUMN_ARGUMENTS, Check

__all__ = ["portable"]

_DAY = re.compile(r"(\d{1,4})-(\d\d)-(\d\d)(T.*)?")
_UTC = re.compile(r"(\d{1,4})(-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)\+0000")
# Of an earlier day DQX's own way to Spark fails, of an earlier moment it ends in another calendar
# (0.17, get_limit_expr; pyspark 4.1, DateConverter, DatetimeConverter).
_FIRST_DAY, _FIRST_MOMENT = (1000, 1, 1), (1582, 10, 15)


def portable(check: Check, *, zoneless: bool = False) -> Check | None:
    """Return `check` with arguments that survive JSON and the reading of a contract.

    A `zoneless` column's bounds become literals of its type. DQX writes them as moments in UTC, and
    Spark would compare those with the column's values in the time zone of the session that checks.

    Columns are quoted if they must be, lists sorted (DQX's order varies from run to run),
    decimals written as SQL literals such as `0.37BD`: a contract's reader takes no other form
    exactly. Of a range with a bound that DQX could not apply (NaN, infinite, before the calendar
    of today) the other bound stays. None if nothing is left to check.
    """
    arguments = {name: _argument(name, value) for name, value in check.arguments.items()}
    if zoneless:
        arguments |= {name: _zoneless(arguments[name]) for name in BOUNDS & arguments.keys()}
    if any(arguments.get(name) == [] for name in LISTS):
        return None
    unfit = [
        name
        for name, value in arguments.items()
        if not _storable(value) or (name in BOUNDS and _before_the_calendar(value))
    ]
    if not unfit:
        return replace(check, arguments=arguments)
    return _half(replace(check, arguments=arguments), unfit)


def _half(check: Check, unfit: Collection[str]) -> Check | None:
    """Return a range without its `unfit` bound; None if that is not all that is unfit."""
    halves = function_of(check.function).halves
    bounds = [
        (name, value)
        for name, value in check.arguments.items()
        if name in halves and name not in unfit and value is not None
    ]
    if len(bounds) != 1:
        return None
    ((bound, limit),) = bounds
    half = function_of(halves[bound])
    others = {name: value for name, value in check.arguments.items() if name not in halves}
    return replace(
        check,
        function=half.name,
        arguments=others | {half.low or half.high: limit},
        name=check.name.removesuffix("_isnt_in_range") + half.name.removeprefix("is"),
    )


def _zoneless(bound: Any) -> Any:
    """Return a moment that DQX wrote in UTC as SQL: no ISO text, which DQX takes for a moment."""
    moment = _UTC.fullmatch(bound) if isinstance(bound, str) else None
    return f"TIMESTAMP_NTZ '{moment[1]:0>4}{moment[2]} {moment[3]}'" if moment else bound


def _argument(name: str, value: Any) -> Any:
    if isinstance(value, Expression):
        return value
    if name in COLUMN_ARGUMENTS:
        return as_argument(value) if isinstance(value, str) else [as_argument(v) for v in value]
    if name in LISTS:
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
