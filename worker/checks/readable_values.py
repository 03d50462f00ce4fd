"""A value of a check as people read it: short, and still exactly that value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from worker.checks.shorten import at_the_end
from worker.checks.zoneless_moments import zoneless_moment

__all__ = ["Value", "plain", "shown"]

_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?BD")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?")
# Python writes a double with 16 digits before the point as they are, too.
_LONGEST_PLAIN = 16
_SHORT = 10
_SHORT_DIGITS = 4
# Powers of ten; the first digits of such a number show its size.
_CUT = range(-3, 6)


@dataclass(frozen=True, slots=True)
class Value:
    """A value in words."""

    text: str
    short: str
    """The text, or about ten characters of it and an ellipsis."""
    zone: str = ""
    """Blank and `UTC` after a moment that has a time zone."""
    is_time: bool = False

    def __str__(self) -> str:
        return self.text + self.zone


def shown(value: Any) -> Value:
    """Return a check's argument as people read it: 'EU' is EU, 0.370BD is 0.37."""
    match value:
        case None:
            return _word("null")
        case bool():
            return _word("true" if value else "false")
        case int() | float() | Decimal():
            return _number(Decimal(str(value)))
        case {"__decimal__": text}:
            return _number(Decimal(str(text)))
        case str() if _DECIMAL.fullmatch(value):
            return _number(Decimal(value.removesuffix("BD")))
        case str() if _DAY.fullmatch(value):
            return Value(value, value, is_time=True)
        case str() if _MOMENT.fullmatch(zoneless_moment(value) or value):
            return _moment(zoneless_moment(value) or value)
        case str():
            return _word(_quoted(plain(value)) if _is_literal(value) else value)
        case list() | tuple():
            return _word("[" + ", ".join(str(shown(one)) for one in value) + "]")
        case Mapping():
            entries = (f"{name}: {shown(one)}" for name, one in value.items())
            return _word("{" + ", ".join(entries) + "}")
        case _:
            return _word(str(value))


def plain(value: Any) -> str:
    """Return a value without the quoting of SQL literals: 'EU' is EU, 0.37BD is 0.37."""
    text = str(value)
    if isinstance(value, str):
        if _is_literal(text):
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if _DECIMAL.fullmatch(text):
            return text.removesuffix("BD")
    return text


def _is_literal(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] == "'"


def _quoted(text: str) -> str:
    """Return a text in quotes if it would be misread without them."""
    return f'"{text}"' if text != text.strip() or not text or "," in text else text


def _word(text: str) -> Value:
    return Value(text, at_the_end(text, _SHORT))


def _number(number: Decimal) -> Value:
    """Return the shortest text that reads back as the same number."""
    if not number.is_finite():
        return _word(str(number))
    sign, given, _ = number.as_tuple()
    digits = "".join(map(str, given)).rstrip("0")
    if not digits:
        return _word("0")
    minus, power = "-" if sign else "", number.adjusted()
    scientific = minus + digits[0] + _behind_point(digits[1:]) + f"e{power}"
    # A power may be one of millions: its zeros are counted before they are written.
    length = max(power + 1, len(digits) + 1, len(digits) - power + 1)
    if length > max(_LONGEST_PLAIN, len(scientific)):
        text = scientific
    else:
        text = minus + _positional(digits, power)
    if len(text) <= _SHORT:
        return Value(text, text)
    if power in _CUT:
        return Value(text, text[: _SHORT - 1] + "…")
    cut = "…" if len(digits) > _SHORT_DIGITS else ""
    mantissa = digits[0] + _behind_point(digits[1:_SHORT_DIGITS])
    return Value(text, f"{minus}{mantissa}{cut}e{power}")


def _positional(digits: str, power: int) -> str:
    if power < 0:
        return "0." + "0" * (-power - 1) + digits
    whole = digits[: power + 1].ljust(power + 1, "0")
    return whole + _behind_point(digits[power + 1 :])


def _behind_point(digits: str) -> str:
    return f".{digits}" if digits else ""


def _moment(text: str) -> Value:
    """Return a moment in UTC, without what is zero at its end."""
    try:
        moment = datetime.fromisoformat(text)
        zone = " UTC" if moment.tzinfo else ""
        moment = moment.astimezone(UTC).replace(tzinfo=None) if zone else moment
    # No moment after all, or one that is outside the calendar in UTC.
    except (ValueError, OverflowError):
        return _word(text)
    day, time = moment.isoformat().split("T")
    if time == "00:00:00":
        return Value(day, day, zone, is_time=True)
    time = time.rstrip("0") if "." in time else time.removesuffix(":00")
    return Value(f"{day} {time}", f"{day}…", zone, is_time=True)
