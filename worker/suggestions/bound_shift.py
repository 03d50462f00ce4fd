"""Plain values of rules that can be compared, and how far the bounds of a range moved."""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from worker.checks.catalogue.arguments import RANGE
from worker.checks.zoneless_moments import zoneless_moment
from worker.counting.check import Check

__all__ = ["kind", "moment", "moved"]

_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_DECIMAL = re.compile(r"[+-]?\d{1,19}(\.\d{1,18})?BD")
# In the calendar of today, whatever reads it.
_TIME = re.compile(
    r"(1[6-9]|[2-9]\d)\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?"
)
_MOST = 2**63


def moved(check: Check, other: Check) -> float | None:
    """Return how far a bound of a range moved, in widths of the `other` one; None without two."""
    then, now = _bounds(other), _bounds(check)
    if then is None or now is None:
        return None
    low, high = then
    if not (most := max(abs(now[0] - low), abs(now[1] - high))):
        return 0.0
    return float(most / (high - low)) if high > low else math.inf


def kind(value: Any) -> str | None:
    """Return what a value is: number, time or text; None of any other, and of SQL."""
    match value:
        case bool():
            return None
        case int() | float() | Decimal():
            return "number" if -_MOST < value < _MOST else None
        case str() if _DECIMAL.fullmatch(value):
            return "number"
        case str() if moment(value) is not None:
            return "time"
        case str() if _TEXT.fullmatch(value):
            return "text"
    return None


def moment(value: str) -> datetime | None:
    """Return the moment in a text, in UTC if it has no zone; None if the calendar lacks it."""
    text = zoneless_moment(value) or value
    if not _TIME.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _bounds(check: Check) -> tuple[Decimal, Decimal] | None:
    low, high = (_number(check.arguments.get(name)) for name in RANGE)
    return None if low is None or high is None else (low, high)


def _number(value: Any) -> Decimal | None:
    """Return a number, or a time as seconds since 1970."""
    match kind(value):
        case "number":
            return Decimal(str(value).removesuffix("BD"))
        case "time":
            found = moment(value)
            return None if found is None else Decimal(str(found.timestamp()))
    return None
