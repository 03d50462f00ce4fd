"""Which estimates are made of a column: for each subject the strictest one that survives its trials.

To add a candidate, write an estimator in a file of its own and name it in a chain here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from worker.suggestions.column import Column
from worker.suggestions.estimates.bounds import WIDE, at_least_zero, bounds_of
from worker.suggestions.estimates.dates import not_before, not_in_future
from worker.suggestions.estimates.estimate import Estimator
from worker.suggestions.estimates.formats import format_of
from worker.suggestions.estimates.keys import unique
from worker.suggestions.estimates.letter_case import letter_case
from worker.suggestions.estimates.lists import allowed_values
from worker.suggestions.estimates.plain_text import plain_text, trimmed_text
from worker.suggestions.estimates.shapes import shape_of_codes
from worker.suggestions.kinds.column_kind import ColumnKind

__all__ = ["Chain", "chains_for"]


@dataclass(frozen=True, slots=True)
class Chain:
    """Estimators of one subject, from strict to lenient."""

    subject: str
    estimators: Sequence[Estimator]


_NAMES_THINGS = frozenset({ColumnKind.KEY, ColumnKind.CODE, ColumnKind.POSTAL_CODE})
_LISTED = frozenset(
    {ColumnKind.CATEGORY, ColumnKind.FLAG, ColumnKind.CONSTANT, ColumnKind.ISO_CODE}
)
_KEYS = frozenset({ColumnKind.KEY, ColumnKind.UUID})
_CASED = frozenset({ColumnKind.EMAIL, ColumnKind.URL, ColumnKind.UUID})
_NO_BOUNDS = frozenset({ColumnKind.YEAR, ColumnKind.MOVING_DATE})
_NO_RULES = frozenset({ColumnKind.EMPTY, ColumnKind.BINARY, ColumnKind.OTHER})


def chains_for(kind: ColumnKind, column: Column, now: datetime) -> list[Chain]:
    """Return the chains for a column of a kind."""
    if kind in _NO_RULES:
        return []
    found = [Chain("key", [unique])] if kind in _KEYS else []
    values = column.values.type
    if pa.types.is_date32(values) or pa.types.is_timestamp(values):
        return [
            *found,
            Chain("first date", [not_before]),
            Chain("last date", [not_in_future(now)]),
        ]
    if pa.types.is_string(values):
        if kind in _CASED:
            found.append(Chain("case", [letter_case]))
        return [*found, Chain("values", _of_texts(kind))]
    if column.numbers is not None:
        return [*found, Chain("values", _of_numbers(kind))]
    return found


def _of_texts(kind: ColumnKind) -> list[Estimator]:
    form = format_of(kind)
    lists = [allowed_values] if form is None else []
    shapes = [] if kind is ColumnKind.FREE_TEXT else [shape_of_codes]
    return [*([form] if form else []), *lists, *shapes, plain_text, trimmed_text]


def _of_numbers(kind: ColumnKind) -> list[Estimator]:
    if kind in _NAMES_THINGS:
        return [at_least_zero]
    if kind in _NO_BOUNDS:
        return []
    bounds = [bounds_of(kind), bounds_of(kind, WIDE), at_least_zero]
    return [allowed_values, *bounds] if kind in _LISTED else bounds
