"""What the texts of a CSV column are: numbers, dates, moments, or texts.

A kind is one way to read all texts of a column. Kinds are ruled out batch by batch; the first one
that is left at the end reads the column.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["KINDS", "TEXT", "Kind", "possible"]

_INTEGER = r"^-?(0|[1-9][0-9]{0,17})$"
_POINT = r"^-?((0|[1-9][0-9]{0,17})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_COMMA = r"^-?(0|[1-9][0-9]{0,17})(,[0-9]+)?$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_MICROSECONDS = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to read the texts of a column."""

    name: str
    type: pa.DataType
    spark: str
    """The type's name in Spark's JSON."""
    pattern: str | None
    """What each text matches; None if any does."""
    read: Callable[[pa.Array], pa.Array]
    """Read texts that match; raises `pyarrow.ArrowInvalid` for one that means nothing."""

    def reads(self, texts: pa.Array) -> bool:
        """Return whether every text can be read this way. None of them is null."""
        if self.pattern is None:
            return True
        if not pc.all(pc.match_substring_regex(texts, self.pattern), min_count=0).as_py():
            return False
        try:
            self.read(texts)
        except pa.ArrowInvalid:
            return False
        return True


def _cast(kind: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    return lambda texts: pc.cast(texts, kind)


def _truth(texts: pa.Array) -> pa.Array:
    return pc.equal(pc.utf8_lower(texts), "true")


def _comma(texts: pa.Array) -> pa.Array:
    return pc.cast(pc.replace_substring(texts, ",", "."), pa.float64())


def _local(texts: pa.Array) -> pa.Array:
    return pc.cast(pc.cast(_to_microseconds(texts), pa.timestamp("us")), _MICROSECONDS)


def _zoned(texts: pa.Array) -> pa.Array:
    return pc.cast(_to_microseconds(texts), _MICROSECONDS)


def _to_microseconds(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(texts, r"(\.[0-9]{6})[0-9]+", r"\1")


TEXT = Kind("text", pa.string(), "string", None, lambda texts: texts)
_NUMBER_WITH_COMMA = Kind("number with a decimal comma", pa.float64(), "double", _COMMA, _comma)

KINDS = (
    Kind("boolean", pa.bool_(), "boolean", r"^(?i:true|false)$", _truth),
    # A number that begins with a zero is a code, and one of more digits than these an identifier.
    Kind("integer", pa.int64(), "long", _INTEGER, _cast(pa.int64())),
    Kind("number", pa.float64(), "double", _POINT, _cast(pa.float64())),
    _NUMBER_WITH_COMMA,
    Kind("date", pa.date32(), "date", _DATE, _cast(pa.date32())),
    # Without a zone a moment is taken for one in UTC, as by Spark in a session that is.
    Kind("timestamp", _MICROSECONDS, "timestamp", _MOMENT + "$", _local),
    Kind("timestamp with a zone", _MICROSECONDS, "timestamp", _MOMENT + _ZONE, _zoned),
    TEXT,
)
"""In the order in which they are preferred."""


def possible(separator: str) -> tuple[Kind, ...]:
    """Return the kinds that a file's columns may have: between commas `1,234` is no fraction."""
    return tuple(kind for kind in KINDS if separator != "," or kind is not _NUMBER_WITH_COMMA)
