"""What a rule catches: of errors that are put into some rows of its column by way of trial."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from worker.checks.filled_share import FILLED_SHARE
from worker.counting.check import Check
from worker.estimates.estimate import Estimate
from worker.kinds.column import Column, Flags

__all__ = ["Caught", "caught_by_dqx", "caught_by_estimate", "caught_of_pair"]

_ROWS = 16
"""Rows of a column that get each error once."""
_CENTURY = timedelta(days=36_525)
_UNIQUE = "is_unique"

_NOT_HELD = (pa.ArrowException, ArithmeticError, ValueError)
"""What a value raises that a type of Arrow or of Python can't hold."""

Change = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Caught:
    """Which errors of a column a rule catches."""

    bits: int
    """By the number of the error, the same for all rules of the column."""
    errors: int
    """How many were tried."""

    def beyond(self, others: int) -> float:
        """Return the share of the errors that the rule catches and none of the others, as bits."""
        return (self.bits & ~others).bit_count() / self.errors


@dataclass(frozen=True)
class _Errors:
    """Errors of a column: wrong values; beside them, that very many are missing, or repeated."""

    values: Column
    missing: Flags
    """Which of the wrong values are none."""

    def caught(self, flagged: Flags, *, many: bool, repeated: bool) -> Caught:
        """Return what is caught: the flagged values, many missing ones, repeated ones."""
        flags = np.concatenate([flagged, np.repeat([many, repeated], _ROWS)])
        bits = np.packbits(flags, bitorder="little").tobytes()
        return Caught(int.from_bytes(bits, "little"), len(flags))


def caught_by_estimate(column: Column, estimate: Estimate) -> Caught:
    """Return which errors of its column an estimate catches."""
    errors = _errors_of(column)
    if estimate.function == _UNIQUE:
        return errors.caught(np.zeros_like(errors.missing), many=False, repeated=True)
    if estimate.function == FILLED_SHARE:
        return errors.caught(np.zeros_like(errors.missing), many=True, repeated=False)
    flagged = estimate.failing(errors.values)
    return errors.caught(flagged, many=bool(flagged[errors.missing].any()), repeated=False)


def caught_by_dqx(column: Column, check: Check) -> Caught | None:
    """Return which errors of its column a candidate of DQX's catches; None if that is unknown."""
    if (refused := _REFUSED.get(check.function)) is None:
        return None
    null, empty = refused
    errors = _errors_of(column)
    flagged = errors.missing & null
    if empty and column.is_text:
        texts = errors.values.values.fill_null("x").to_pylist()
        flagged |= np.array([not one.strip(" ") for one in texts], dtype=bool)
    return errors.caught(flagged, many=null, repeated=False)


def caught_of_pair() -> Caught:
    """Return what a key of two columns catches: rows that repeat another one."""
    return Caught(0b001, 3)


_REFUSED = {
    "is_not_null": (True, False),
    "is_not_null_and_not_empty": (True, True),
    "is_not_empty": (False, True),
}
"""Whether functions of DQX refuse null, and whether they refuse empty texts."""


def _errors_of(column: Column) -> _Errors:
    kept = column.kept.get(__name__)
    if kept is None:
        kept = column.kept[__name__] = _made(column)
    found: _Errors = kept
    return found


def _made(column: Column) -> _Errors:
    missing = pa.nulls(_ROWS, column.values.type)
    values = pa.concat_arrays([missing, *_wrong(column, _changes(column))])
    return _Errors(Column(column.path, values), np.arange(len(values)) < _ROWS)


def _wrong(column: Column, changes: Sequence[Change]) -> Iterator[pa.Array]:
    """Yield some values with each change; one that the type can't hold is left out."""
    if not changes:
        return
    filled = np.flatnonzero(column.filled)
    some = filled[np.linspace(0, max(0, len(filled) - 1), min(_ROWS, len(filled))).astype(int)]
    right = column.values.take(pa.array(some))
    try:
        values = right.to_pylist()
    except _NOT_HELD:
        return
    for change in changes:
        try:
            changed = [change(one) for one in values]
            made = [one for one, before in zip(changed, values, strict=True) if one != before]
            yield pa.array(made, right.type)
        except _NOT_HELD:
            continue


def _changes(column: Column) -> Sequence[Change]:
    if column.is_text:
        return _OF_TEXTS
    if column.is_number:
        return _OF_NUMBERS
    if pa.types.is_boolean(column.values.type):
        return _OF_FLAGS
    return _OF_TIMES if column.is_time else ()


def _typo(text: str) -> str:
    at = len(text) // 2
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if len(text) > 1 else text * 2


def _in_another_unit(number: Any) -> Any:
    """Return a number of feet in meters, say."""
    match number:
        case float():
            return number * 0.3048
        case Decimal():
            return (number * Decimal("0.3048")).quantize(number)
        case _:
            return round(number * 0.3048)


_OF_TEXTS: Sequence[Change] = (
    lambda _: "",
    lambda text: f" {text} ",
    str.swapcase,
    _typo,
    lambda text: text[: len(text) // 2] + "\u00c3\u00a9" + text[len(text) // 2 :],
)
"""Empty, blanks around, wrong case, two characters in the wrong order, the wrong encoding."""
_OF_NUMBERS: Sequence[Change] = (
    lambda number: number * 10,
    lambda number: number * 1000,
    lambda number: -number or number - 1,
    _in_another_unit,
)
"""Ten times, a thousand times as much, negative, in another unit. A zero has no other sign."""
_OF_FLAGS: Sequence[Change] = (lambda flag: not flag,)
_OF_TIMES: Sequence[Change] = (lambda time: time + _CENTURY, lambda time: time - _CENTURY)
