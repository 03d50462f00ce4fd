"""The kinds of columns."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ColumnKind", "Described"]


class ColumnKind(StrEnum):
    """What a column is, which decides what may be suggested about it."""

    EMPTY = "empty"
    """Without any value."""
    CONSTANT = "constant"
    FLAG = "flag"
    """Two values, as yes and no."""
    CATEGORY = "category"
    """A few values, each seen often."""
    KEY = "key"
    """Different in each row, and names the row."""
    CODE = "code"
    """Names a thing: an account, a place, an article. Numbers of it can't be added."""
    AMOUNT = "amount"
    """Of money."""
    MEASURE = "measure"
    COUNT = "count"
    SHARE = "share"
    """Between 0 and 1, or 0 and 100."""
    COORDINATE = "coordinate"
    YEAR = "year"
    DATE = "date"
    """A date or time that does not move on with the loads, such as a date of birth."""
    MOVING_DATE = "moving date"
    """A date or time that moves on with the loads, such as the day of an order."""
    DURATION = "duration"
    FREE_TEXT = "free text"
    EMAIL = "e-mail"
    URL = "URL"
    UUID = "UUID"
    IP = "IP address"
    POSTAL_CODE = "postal code"
    PHONE = "phone number"
    ISO_CODE = "ISO code"
    NATIONAL_ID = "national id"
    TEXT_DATE = "date in text"
    TEXT_NUMBER = "number in text"
    JSON = "JSON"
    BINARY = "binary"
    PERSONAL = "personal"
    """By what the contract says of it."""
    OTHER = "other"
    """Arrays, maps and what is none of the others."""


@dataclass(frozen=True, slots=True)
class Described:
    """A kind, and in a few words why."""

    kind: ColumnKind
    reason: str
    """A clause without values of cells: `each of 4,812 values differs and the name ends in id`."""
