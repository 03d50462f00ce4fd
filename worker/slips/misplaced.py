"""Rare values of a list that belong elsewhere: to another column, or to no list at all."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass

from worker.kinds.column import Column
from worker.ranges.rare import most_of_one

__all__ = ["frequent_texts", "is_alien", "values_elsewhere"]

_MOST_VALUES = 2000
"""Of a column; one with more has no list, and its values are no sign of another."""
_ALIKE = 0.3
"""The share of a column's frequent values that columns like it have, too."""
_CLASSES = tuple(map(re.compile, (r"[0-9]", r"[a-z]", r"[A-Z]", r"\s", r"[^0-9A-Za-z\s]")))
_LONG = 2
"""Times the longest value of the list."""


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """The values that are frequent in another column than one and those like it."""

    columns: Mapping[str, Set[str]]
    """In which columns a value is frequent."""
    alike: Set[str]

    def __contains__(self, text: object) -> bool:
        return not self.columns.get(str(text), self.alike) <= self.alike


def values_elsewhere(frequent: Mapping[str, frozenset[str]]) -> Mapping[str, Container[str]]:
    """Return for each column the values that are frequent in another one.

    Columns that share values do not count: a team that plays at home plays away, too.
    """
    columns: defaultdict[str, set[str]] = defaultdict(set)
    for path, texts in frequent.items():
        for text in texts:
            columns[text].add(path)
    return {
        path: _Elsewhere(columns, _alike(columns, own) | {path}) for path, own in frequent.items()
    }


def _alike(columns: Mapping[str, Set[str]], own: frozenset[str]) -> frozenset[str]:
    """Return the columns that have enough of these values."""
    shared = Counter(path for text in own for path in columns[text])
    return frozenset(path for path, count in shared.items() if count >= _ALIKE * len(own))


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
