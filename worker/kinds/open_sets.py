"""Values of which a load shows only some: other countries, towns, makers and versions will come."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from worker.kinds import iso_codes
from worker.kinds.column import Column
from worker.kinds.names import CATEGORIES, OPEN_SETS, STATES, ColumnName

__all__ = ["is_of_open_set"]

_MOST = 200
"""Different values that are looked at; a list has far fewer."""
_KNOWN = (
    (iso_codes.COUNTRIES_2, 4),
    (iso_codes.COUNTRIES_3, 3),
    (iso_codes.CURRENCIES, 3),
    (iso_codes.LANGUAGES, 6),
    (iso_codes.US_STATES, 4),
)
"""Codes, and how many different ones are enough to know them without the name of the column."""
_SOME = 2
"""Codes of states that are enough if the name is of states."""
_VERSION = re.compile(rb"[vV]?[0-9]+(\.[0-9]+){2,}\S*")


def is_of_open_set(column: Column) -> bool:
    """Return whether the name of a column of texts, or its values, are those of an open set."""
    if not column.is_text or column.distinct > _MOST:
        return False
    # As bytes: texts need not be proper UTF-8.
    texts = pc.cast(column.different, pa.large_binary()).to_pylist()
    codes = frozenset(texts)
    name = ColumnName(column.path)
    of_states = not STATES.isdisjoint(name.words) and len(codes) >= _SOME
    return (
        _named_so(name)
        or any(len(codes) >= few and codes <= known for known, few in _KNOWN)
        or (of_states and codes <= iso_codes.US_STATES)
        or all(map(_VERSION.fullmatch, texts))
    )


def _named_so(name: ColumnName) -> bool:
    """Return whether the name is that of places or makers; a `city_type` is none of them."""
    return not OPEN_SETS.isdisjoint(name.words) and CATEGORIES.isdisjoint(name.words[-1:])
