"""A table of the bench: its rows, its key, its order, and what its columns are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

__all__ = ["BenchTable", "Fold", "Kind"]


class Fold(StrEnum):
    """The purpose of a table. Nothing may be fitted to a table of `JUDGEMENT`."""

    DEVELOPMENT = "development"
    JUDGEMENT = "judgement"


class Kind(StrEnum):
    """What a column is, as a person sees it. The bench's own answer, for its own tables."""

    CONSTANT = "constant"
    FLAG = "flag"
    CATEGORY = "category"
    KEY = "key"
    CODE = "code"
    AMOUNT = "amount"
    MEASURE = "measure"
    COUNT = "count"
    SHARE = "share"
    COORDINATE = "coordinate"
    DATE = "date"
    """A date or time that does not move on with the loads, such as a date of birth."""
    MOVING_DATE = "moving date"
    DURATION = "duration"
    FREE_TEXT = "free text"
    EMAIL = "e-mail"
    URL = "URL"
    UUID = "UUID"
    IP = "IP"
    POSTAL_CODE = "postal code"
    PHONE = "phone"
    ISO_CODE = "ISO code"
    TEXT_DATE = "date in text"
    TEXT_NUMBER = "number in text"
    JSON = "JSON"
    PERSONAL = "personal"


@dataclass(frozen=True)
class BenchTable:
    """A table; its rows are in time order if it has one."""

    name: str
    fold: Fold
    load: Callable[[], pa.Table]
    kinds: Mapping[str, Kind]
    """By column, in the order of the columns."""
    key: tuple[str, ...] = ()
    order: str | None = None
    """The column that grows with time; None if no column does."""
