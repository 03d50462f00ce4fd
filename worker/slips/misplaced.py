"""Rare values of a list that belong elsewhere: to another column, or to no list at all."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

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


@dataclass(frozen=True)
class _Elsewhere:
    """The values that are frequent in another column than one and those like it."""

    path: str
    own: frozenset[str]
    columns: Mapping[str, Set[str]]
    """In which columns a value is frequent."""

    def __contains__(self, text: object) -> bool:
        found = self.columns.get(str(text))
        return found is not None and not found <= self._alike

    @cached_property
    def _alike(self) -> Set[str]:
        """The column and those that have enough of its values.

        Made if it is asked for: for all columns of a wide table it would take many seconds.
        """
        shared = Counter(path for text in self.own for path in self.columns[text])
        enough = _ALIKE * len(self.own)
        return {self.path, *(path for path, count in shared.items() if count >= enough)}


def values_elsewhere(frequent: Mapping[str, frozenset[str]]) -> Mapping[str, Container[str]]:
    """Return for each column the values that are frequent in another one.

    Columns that share values do not count: a team that plays at home plays away, too.
    """
    columns: defaultdict[str, set[str]] = defaultdict(set)
    for path, texts in frequent.items():
        for text in texts:
            columns[text].add(path)
    return {path: _Elsewhere(path, own, columns) for path, own in frequent.items()}


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
