"""Rare values of a list that belong elsewhere: to another column, or to no list at all."""

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from worker.kinds.column import Column
from worker.ranges.rare import most_of_one

__all__ = ["frequent_texts", "is_alien", "values_elsewhere"]

_MOST_VALUES = 2000
"""Of a column; one with more has no list, and its values are no sign of another."""
_CLASSES = tuple(map(re.compile, (r"[0-9]", r"[a-z]", r"[A-Z]", r"\s", r"[^0-9A-Za-z\s]")))
_LONG = 2
"""Times the longest value of the list."""


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """The values that are frequent in another column than one."""

    columns: Counter[str]
    """In how many columns a value is frequent."""
    own: Container[str]

    def __contains__(self, text: object) -> bool:
        return self.columns[str(text)] > (text in self.own)


def values_elsewhere(frequent: Mapping[str, frozenset[str]]) -> Mapping[str, Container[str]]:
    """Return for each column the values that are frequent in another one."""
    columns = Counter(text for texts in frequent.values() for text in texts)
    return {path: _Elsewhere(columns, own) for path, own in frequent.items()}


def is_alien(text: str, values: Sequence[str]) -> bool:
    """Return whether a text has characters of a kind that no value has, or is far longer."""
    if len(text) > _LONG * max(map(len, values)):
        return True
    return any(
        one.search(text) and not any(one.search(value) for value in values) for one in _CLASSES
    )


def frequent_texts(column: Column) -> frozenset[str]:
    """Return the texts that are frequent in a column; none if it has many different values."""
    if not column.is_text or column.distinct > _MOST_VALUES:
        return frozenset()
    values, counts = column.counts
    most = most_of_one(column.rows)
    return frozenset(values.slice(0, int((counts > most).sum())).to_pylist())
