"""The kinds of errors: each makes a wrong row of a right one, or finds that it does not apply."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import numpy as np

__all__ = ["MAKERS", "Cell", "Changes", "ErrorKind"]


class ErrorKind(StrEnum):
    """What goes wrong in a row."""

    NULL = "null"
    EMPTY = "empty"
    BLANK_AROUND = "blank around"
    TYPO = "typo"
    CASE = "case"
    TIMES_10 = "times 10"
    TIMES_1000 = "times 1000"
    SIGN = "sign"
    FAR_DATE = "far date"
    SWAPPED = "swapped columns"
    WRONG_UNIT = "wrong unit"
    MOJIBAKE = "mojibake"
    DUPLICATED_KEY = "duplicated key"


@dataclass(frozen=True)
class Cell:
    """A cell of a right row, and what an error may need beside its value."""

    column: str
    row: Mapping[str, Any]
    alike: Sequence[str]
    """The other columns of the same type."""
    key: Sequence[str]
    """The columns of the table's key, if this column is one of them."""
    other_row: Mapping[str, Any]
    """Another right row of the table."""
    rng: np.random.Generator

    @property
    def value(self) -> Any:
        """What the cell holds."""
        return self.row[self.column]

    def one_of(self, choices: Sequence[Any]) -> Any:
        """Return one of them at random."""
        return choices[int(self.rng.integers(len(choices)))]


Changes = Mapping[str, Any]
"""New values by column."""
Maker = Callable[[Cell], Changes | None]

_UNITS = (0.01, 100.0, 2.54, 0.3937, 0.453592, 2.20462, 1.609344, 0.3048)
_GARBLED = {"a": "Ã¤", "e": "Ã©", "i": "Ã¯", "o": "Ã¶", "u": "Ã¼", "n": "Ã±", "s": "ÃŸ", "c": "Ã§"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FAR_YEARS = (-100, 100, 1000)
_MOST = 2**53


def _null(cell: Cell) -> Changes | None:
    return None if cell.value is None else {cell.column: None}


def _empty(cell: Cell) -> Changes | None:
    return _changed(cell, "") if _text(cell) else None


def _blank_around(cell: Cell) -> Changes | None:
    text = _text(cell)
    return _changed(cell, cell.one_of([f" {text}", f"{text} ", f" {text} "])) if text else None


def _typo(cell: Cell) -> Changes | None:
    text = _text(cell)
    if not text:
        return None
    at = int(cell.rng.integers(len(text)))
    before, letter, after = text[:at], text[at], text[at + 1 :]
    other = cell.one_of("0123456789" if letter.isdigit() else _LETTERS)
    wrong = [before + other + after, before + letter * 2 + after]
    if len(text) > 1:
        wrong.append(before + after)
    if after:
        wrong.append(before + after[0] + letter + after[1:])
    return _changed(cell, cell.one_of(wrong))


def _case(cell: Cell) -> Changes | None:
    text = _text(cell)
    others = {text.upper(), text.lower(), text.swapcase(), text.capitalize()} - {text}
    return _changed(cell, cell.one_of(sorted(others))) if others else None


def _times(factor: int) -> Maker:
    def make(cell: Cell) -> Changes | None:
        return _changed(cell, cell.value * factor) if _is_number(cell.value) else None

    return make


def _sign(cell: Cell) -> Changes | None:
    return _changed(cell, -cell.value) if _is_number(cell.value) else None


def _far_date(cell: Cell) -> Changes | None:
    if not isinstance(cell.value, date):
        return None
    year = cell.value.year + cell.one_of(_FAR_YEARS)
    # The 29th of February is not in every year.
    return _changed(cell, cell.value.replace(year=year, day=min(cell.value.day, 28)))


def _swapped(cell: Cell) -> Changes | None:
    value = cell.value
    others = [one for one in cell.alike if cell.row[one] != value and cell.row[one] is not None]
    if value is None or not others:
        return None
    other = cell.one_of(others)
    return {cell.column: cell.row[other], other: value}


def _wrong_unit(cell: Cell) -> Changes | None:
    value = cell.value
    if not _is_number(value):
        return None
    factor = cell.one_of(_UNITS)
    if isinstance(value, Decimal):
        return _changed(cell, (value * Decimal(str(factor))).quantize(value))
    return _changed(cell, round(value * factor) if isinstance(value, int) else value * factor)


def _mojibake(cell: Cell) -> Changes | None:
    text = _text(cell)
    if not text.isascii():
        return _changed(cell, text.encode().decode("latin-1"))
    places = [at for at, letter in enumerate(text) if letter in _GARBLED]
    if not places:
        return None
    at = cell.one_of(places)
    return _changed(cell, text[:at] + _GARBLED[text[at]] + text[at + 1 :])


def _duplicated_key(cell: Cell) -> Changes | None:
    changes = {one: cell.other_row[one] for one in cell.key}
    return changes if any(cell.row[one] != new for one, new in changes.items()) else None


def _text(cell: Cell) -> str:
    return cell.value if isinstance(cell.value, str) else ""


def _is_number(value: Any) -> bool:
    """Return whether the value is a number that an error changes and its type still holds."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return bool(value) and math.isfinite(value) and -_MOST < value < _MOST


def _changed(cell: Cell, value: Any) -> Changes | None:
    return None if value == cell.value else {cell.column: value}


MAKERS: Mapping[ErrorKind, Maker] = {
    ErrorKind.NULL: _null,
    ErrorKind.EMPTY: _empty,
    ErrorKind.BLANK_AROUND: _blank_around,
    ErrorKind.TYPO: _typo,
    ErrorKind.CASE: _case,
    ErrorKind.TIMES_10: _times(10),
    ErrorKind.TIMES_1000: _times(1000),
    ErrorKind.SIGN: _sign,
    ErrorKind.FAR_DATE: _far_date,
    ErrorKind.SWAPPED: _swapped,
    ErrorKind.WRONG_UNIT: _wrong_unit,
    ErrorKind.MOJIBAKE: _mojibake,
    ErrorKind.DUPLICATED_KEY: _duplicated_key,
}
