"""How many of fetched rows pass a check, as DQX applies it (0.17, check_funcs.py)."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql.types import (
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    StringType,
    TimestampNTZType,
    TimestampType,
)

from worker.counting.arrow.values import as_doubles
from worker.counting.check import Check

__all__ = ["COUNTED", "passing"]

_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?BD")
_ZONELESS = re.compile(r"TIMESTAMP_NTZ '(.*)'")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LIMITS = ("min_limit", "max_limit", "limit")

Failing = Callable[[pa.Array, DataType, Mapping[str, Any]], int | None]
"""How many of the values that are there fail; None if that takes Spark."""


def passing(values: pa.Array, kind: DataType, check: Check) -> int | None:
    """Return how many of a column's values pass `check`; None if that takes Spark."""
    arguments = check.arguments
    present = values.drop_null()
    missing = 0
    if check.function in _REFUSES_NULL or arguments.get("allow_nulls") is False:
        missing = len(values) - len(present)
    failing = _FAILING.get(check.function)
    if failing is None or check.filter:
        return None
    failed = failing(present, kind, arguments)
    return None if failed is None else len(values) - missing - failed


def _empty(values: pa.Array, kind: DataType, arguments: Mapping[str, Any]) -> int | None:
    if not _is_text(kind):
        return None
    if arguments.get("trim_strings"):
        values = pc.utf8_trim(values, characters=" ")
    return int(pc.sum(pc.equal(values, "")).as_py() or 0)


def _unlisted(values: pa.Array, kind: DataType, arguments: Mapping[str, Any]) -> int | None:
    allowed = arguments.get("allowed")
    if not isinstance(allowed, list) or not arguments.get("case_sensitive", True):
        return None
    if _is_text(kind):
        if not all(isinstance(one, str) and _is_literal(one) for one in allowed):
            return None
        texts = [_ESCAPED.sub(r"\1", one[1:-1]) for one in allowed]
        known = pc.is_in(values, pa.array(texts, values.type))
    elif isinstance(kind, IntegralType) and all(type(one) is int for one in allowed):
        known = pc.is_in(values.cast(pa.int64()), pa.array(allowed, pa.int64()))
    else:
        return None
    return len(values) - int(pc.sum(known).as_py() or 0)


def _outside(values: pa.Array, kind: DataType, arguments: Mapping[str, Any]) -> int | None:
    return _beyond(values, kind, arguments.get("min_limit"), arguments.get("max_limit"))


def _less(values: pa.Array, kind: DataType, arguments: Mapping[str, Any]) -> int | None:
    return _beyond(values, kind, arguments.get("limit"), None)


def _greater(values: pa.Array, kind: DataType, arguments: Mapping[str, Any]) -> int | None:
    return _beyond(values, kind, None, arguments.get("limit"))


def _beyond(values: pa.Array, kind: DataType, low: Any, high: Any) -> int | None:
    found = np.zeros(len(values), dtype=np.bool_)
    for limit, below in ((low, True), (high, False)):
        if limit is None:
            continue
        compared = _compared(values, kind, limit)
        if compared is None:
            return None
        numbers, bound = compared
        with np.errstate(invalid="ignore"):
            found |= _exceeds(bound, numbers) if below else _exceeds(numbers, bound)
    return int(np.count_nonzero(found))


def _exceeds(one: Any, other: Any) -> NDArray[np.bool_]:
    """Return which of two numbers, or of numbers and a bound, is greater than the other."""
    exceeds: NDArray[np.bool_] = one > other
    if np.float64 not in (np.asarray(one).dtype, np.asarray(other).dtype):
        return exceeds
    # To Spark NaN is greater than any number, and equal to itself.
    exceeds |= np.isnan(one) & ~np.isnan(other)
    return exceeds


def _compared(values: pa.Array, kind: DataType, limit: Any) -> tuple[NDArray[Any], Any] | None:
    """Return values and limit in the type in which Spark compares them."""
    if isinstance(kind, DateType):
        day = _day(limit)
        return None if day is None else (values.cast(pa.int32()).to_numpy(), day)
    if isinstance(kind, TimestampType | TimestampNTZType):
        moment = _moment(limit)
        return None if moment is None else (values.cast(pa.int64()).to_numpy(), moment)
    number = _number(limit)
    if number is None:
        return None
    if isinstance(kind, FloatType | DoubleType) or isinstance(number, float):
        if not isinstance(kind, FloatType | DoubleType | IntegralType | DecimalType):
            return None
        return as_doubles(values, kind), float(number)
    if isinstance(kind, IntegralType) and isinstance(number, int):
        return values.cast(pa.int64()).to_numpy(), number
    if isinstance(kind, IntegralType | DecimalType):
        return np.array(values.to_pylist(), dtype=object), number
    return None


def _number(limit: Any) -> int | float | Decimal | None:
    match limit:
        case bool():
            return None
        case int() | float() | Decimal():
            return limit
        case str() if _DECIMAL.fullmatch(limit):
            return Decimal(limit.removesuffix("BD"))
    return None


def _instant(limit: Any) -> datetime | date | None:
    if isinstance(limit, str):
        literal = _ZONELESS.fullmatch(limit)
        limit = literal[1] if literal else limit
        try:
            parsed = datetime.fromisoformat(limit)
        except ValueError:
            return None
        return parsed if ":" in limit else parsed.date()
    return limit if isinstance(limit, date) else None


def _day(limit: Any) -> int | None:
    day = _instant(limit)
    if day is None or isinstance(day, datetime):
        return None
    return (day - _EPOCH.date()).days


def _moment(limit: Any) -> int | None:
    """Return microseconds since 1970; the session is in UTC."""
    instant = _instant(limit)
    if instant is None:
        return None
    if not isinstance(instant, datetime):
        instant = datetime.combine(instant, time())
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _is_text(kind: DataType) -> bool:
    # Other collations compare in their own ways.
    return isinstance(kind, StringType) and kind == StringType()


def _is_literal(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] == "'"


_REFUSES_NULL = frozenset({"is_not_null", "is_not_null_and_not_empty"})
_FAILING: Mapping[str, Failing] = {
    "is_not_null": lambda *_: 0,
    "is_not_null_and_not_empty": _empty,
    "is_not_empty": _empty,
    "is_in_list": _unlisted,
    "is_in_range": _outside,
    "is_not_less_than": _less,
    "is_not_greater_than": _greater,
}
COUNTED: Sequence[str] = tuple(_FAILING)
"""The check functions whose passing rows are counted: each looks at a row by itself."""
