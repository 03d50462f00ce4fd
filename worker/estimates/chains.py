"""Which estimates are made of a column: for each subject the strictest that survives its trials.

To add a candidate, write an estimator in a file of its own and name it in a chain here.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.estimates.arrays import has_elements, is_array
from worker.estimates.beside_findings import beside_findings
from worker.estimates.bounds import (
    NEAR,
    WIDE,
    WIDEST,
    at_least_zero,
    bounds_of,
    far_bounds,
)
from worker.estimates.coordinates import coordinates
from worker.estimates.dates import not_before, not_far_in_future, not_in_future
from worker.estimates.decimal_places import MEASURED, MONEY, WHOLE, WRITTEN, decimal_places
from worker.estimates.digits import digits_of_codes, digits_of_keys
from worker.estimates.estimate import Estimator
from worker.estimates.filled import filled
from worker.estimates.formats import FORMATS, format_of
from worker.estimates.keys import unique
from worker.estimates.letter_case import letter_case
from worker.estimates.lists import allowed_values
from worker.estimates.mostly_filled import mostly_filled
from worker.estimates.no_digits import no_digits
from worker.estimates.numbers_in_text import numbers_in_text
from worker.estimates.plain_text import plain_text, plain_texts
from worker.estimates.shapes import shapes
from worker.estimates.times_of_day import times_of_day
from worker.estimates.words import words
from worker.estimates.years import years
from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind
from worker.kinds.names import PLANNED, ColumnName
from worker.kinds.open_sets import is_of_open_set
from worker.patterns.text_patterns import READABLE, TRIMMED
from worker.ranges.drift import Drift

__all__ = ["MAY_BE_OF_KEY", "Beside", "Chain", "chains_for"]


@dataclass(frozen=True, slots=True)
class Chain:
    """Estimators of one subject, from strict to lenient."""

    strict: Sequence[Estimator]
    """None of the rows that they are made of fails."""
    tolerant: Sequence[Estimator] = ()
    """A few rows fail, which are said to be wrong."""


_CODES = frozenset({ColumnKind.CODE, ColumnKind.POSTAL_CODE})
_LISTED = frozenset({ColumnKind.CATEGORY, ColumnKind.FLAG, ColumnKind.CONSTANT})
_UNLISTED = frozenset({*FORMATS, ColumnKind.FREE_TEXT})
"""Kinds of texts of which a load shows only some, however often it shows them."""
_DECIMAL_PLACES = {
    ColumnKind.AMOUNT: MONEY,
    ColumnKind.COUNT: WHOLE,
    ColumnKind.DURATION: WHOLE,
    ColumnKind.CODE: WHOLE,
    ColumnKind.KEY: WHOLE,
}
_MEASURED = frozenset({ColumnKind.MEASURE, ColumnKind.SHARE})
_KEYS = frozenset({ColumnKind.KEY, ColumnKind.UUID})
_CASED = frozenset({ColumnKind.EMAIL, ColumnKind.URL, ColumnKind.UUID})
_WORDS = frozenset({ColumnKind.CATEGORY, ColumnKind.FREE_TEXT, ColumnKind.OTHER})
MAY_BE_OF_KEY = frozenset(
    {
        *(ColumnKind.KEY, ColumnKind.CODE, ColumnKind.CATEGORY, ColumnKind.ISO_CODE),
        *(ColumnKind.DATE, ColumnKind.MOVING_DATE, ColumnKind.YEAR),
    }
)
"""Kinds of columns that together with another one may name a row."""
_NO_RULES = frozenset({ColumnKind.EMPTY, ColumnKind.BINARY, ColumnKind.OTHER})


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside a column's own values."""

    now: datetime
    """After it, a date lies in the future."""
    tolerated: float
    """The share of the rows that may be wrong."""
    elsewhere: Container[str] = ()
    """Values that are frequent in other columns."""
    lacks_together: bool = False
    """Whether another column lacks values in the same rows."""
    drift: Drift = Drift.NONE
    """How the numbers move on with the rows."""


def chains_for(kind: ColumnKind, column: Column, beside: Beside) -> Sequence[Chain]:
    """Return the chains for a column of a kind."""
    if is_array(column):
        return [Chain([has_elements()], [has_elements(but_for_few=True)])]
    if kind in _NO_RULES:
        return ()
    now, tolerated = beside.now, beside.tolerated
    found = [Chain([mostly_filled], [filled(together=beside.lacks_together)])]
    if kind in _KEYS:
        found.append(Chain([unique()], [unique(tolerated)]))
    if column.is_time:
        found.append(Chain([not_before()], [not_before(tolerated)]))
        strict, tolerant = [not_far_in_future(now)], [not_far_in_future(now, tolerated)]
        if not ColumnName(column.path).hint(PLANNED):
            strict.insert(0, not_in_future(now))
            tolerant.insert(0, not_in_future(now, tolerated))
        found.append(Chain(strict, tolerant))
    elif column.is_text:
        found += _of_texts(kind, column, beside)
    elif column.is_number and kind is ColumnKind.YEAR:
        found.append(Chain([years()], [years(tolerated)]))
    elif column.is_number:
        found.append(_of_numbers(kind, tolerated, beside.drift))
        if kind not in _LISTED:
            found.append(_of_decimal_places(kind, tolerated))
    elif kind is ColumnKind.CONSTANT:
        found.append(Chain([allowed_values()]))
    return found


def _of_texts(kind: ColumnKind, column: Column, beside: Beside) -> Sequence[Chain]:
    first = _of_text(kind, column, beside)
    found = [first]
    if kind is ColumnKind.JSON:
        # DQX's check of JSON lets blanks around it pass, and garbled letters within it.
        found.append(Chain(plain_texts(bounded=False)))
    else:
        found.append(Chain([beside_findings(first.tolerant, one) for one in plain_texts()]))
    if kind in _WORDS:
        found.append(Chain([], [no_digits]))
    if kind in _CASED:
        found.append(Chain([letter_case()], [letter_case(beside.tolerated)]))
    return found


def _of_text(kind: ColumnKind, column: Column, beside: Beside) -> Chain:
    tolerated = beside.tolerated
    strict = plain_texts()
    tolerant: list[Estimator] = [
        plain_text([READABLE], tolerated),
        plain_text([TRIMMED], tolerated),
    ]
    if kind in _CODES | {ColumnKind.KEY}:
        strict.insert(0, words())
        tolerant.insert(0, words(tolerated))
    if kind is not ColumnKind.FREE_TEXT:
        strict.insert(0, shapes())
    if kind not in _LISTED | {ColumnKind.FREE_TEXT}:
        # A rare shape of a code is a slip; a rare category may be one.
        tolerant.insert(0, shapes(tolerated))
    if kind is ColumnKind.TEXT_NUMBER:
        strict[:0] = [numbers_in_text(), numbers_in_text(lenient=True)]
        tolerant.insert(0, numbers_in_text(tolerated))
    if kind in FORMATS:
        strict.insert(0, format_of(kind))
        tolerant.insert(0, format_of(kind, tolerated))
    if kind is ColumnKind.CONSTANT or not (kind in _UNLISTED or is_of_open_set(column)):
        strict.insert(0, allowed_values())
        tolerant.insert(0, allowed_values(tolerated, beside.elsewhere))
    return Chain(strict, tolerant)


def _of_numbers(kind: ColumnKind, tolerated: float, drift: Drift) -> Chain:
    if kind is ColumnKind.KEY:
        return Chain([digits_of_keys, at_least_zero])
    if kind in _CODES:
        return Chain([times_of_day, digits_of_codes, at_least_zero])
    bounds = [
        bounds_of(kind, drift=drift),
        bounds_of(kind, WIDE, drift=drift),
        *([] if drift is Drift.ONE_WAY else [far_bounds(NEAR)]),
        far_bounds(),
        at_least_zero,
    ]
    tolerant = [bounds_of(kind, WIDEST, tolerated, drift=drift)]
    if kind is ColumnKind.COORDINATE:
        return Chain([coordinates(), *bounds], [coordinates(tolerated), *tolerant])
    return Chain([allowed_values(), *bounds] if kind in _LISTED else bounds, tolerant)


def _of_decimal_places(kind: ColumnKind, tolerated: float) -> Chain:
    limits = _DECIMAL_PLACES.get(kind)
    strict = [] if limits is None else [decimal_places(limits=limits)]
    if kind in _MEASURED:
        strict = [decimal_places(limits=MEASURED, reached=WRITTEN)]
    return Chain(strict, [decimal_places(tolerated)])
