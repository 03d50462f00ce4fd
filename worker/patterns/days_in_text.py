"""Dates that are written as text, in the forms that Spark reads."""

from collections.abc import Mapping

__all__ = ["DAYS", "day_pattern"]

DAYS: Mapping[str, tuple[str, str]] = {
    "yyyy-MM-dd": ("ymd", r"\-"),
    "yyyy/MM/dd": ("ymd", "/"),
    "yyyy.MM.dd": ("ymd", r"\."),
    "dd.MM.yyyy": ("dmy", r"\."),
    "dd/MM/yyyy": ("dmy", "/"),
    "dd-MM-yyyy": ("dmy", r"\-"),
    "MM/dd/yyyy": ("mdy", "/"),
    "MM-dd-yyyy": ("mdy", r"\-"),
    "d.M.yyyy": ("dmy", r"\."),
    "d/M/yyyy": ("dmy", "/"),
    "M/d/yyyy": ("mdy", "/"),
}
"""The order of year, month and day, and what separates them, by Spark's form."""
_YEAR = "(1[6-9]|2[0-9])[0-9]{2}"
_LEAP_YEAR = "(19(0[48]|[2468][048]|[13579][26])|20([02468][048]|[13579][26]))"
"""From 1904 to 2096."""
_DAYS = (
    {"y": _YEAR, "m": "(0[13578]|1[02])", "d": "(0[1-9]|[12][0-9]|3[01])"},
    {"y": _YEAR, "m": "(0[469]|11)", "d": "(0[1-9]|[12][0-9]|30)"},
    {"y": _YEAR, "m": "02", "d": "(0[1-9]|1[0-9]|2[0-8])"},
    {"y": _LEAP_YEAR, "m": "02", "d": "29"},
)
"""All days that exist, by the length of their month."""
_SHORT_DAYS = (
    {"y": _YEAR, "m": "([13578]|1[02])", "d": "([1-9]|[12][0-9]|3[01])"},
    {"y": _YEAR, "m": "([469]|11)", "d": "([1-9]|[12][0-9]|30)"},
    {"y": _YEAR, "m": "2", "d": "([1-9]|1[0-9]|2[0-8])"},
    {"y": _LEAP_YEAR, "m": "2", "d": "29"},
)
"""The same without zeros before a digit."""


def day_pattern(form: str) -> str:
    """Return the pattern of dates that exist, in one of the forms of `DAYS`, without anchors."""
    order, separator = DAYS[form]
    parts = _DAYS if "MM" in form else _SHORT_DAYS
    days = (separator.join(one[part] for part in order) for one in parts)
    return f"({'|'.join(days)})"
