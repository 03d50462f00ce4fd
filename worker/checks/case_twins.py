"""Columns of one table whose names differ in case only, such as `id` and `ID`.

Most catalogs ignore case, so a contract may spell a column otherwise than the table. In a table
that has twins, only case distinguishes these, and each has decisions of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.tables.column_paths import names_of

__all__ = ["NO_TWINS", "Twins"]


@dataclass(frozen=True, slots=True)
class Twins:
    """The names that differ in case only; a name in any other spelling means none of them."""

    paths: frozenset[tuple[str, ...]] = frozenset()
    """Case-folded: each of them is that of several columns, or of several fields of one struct."""

    @classmethod
    def among(cls, paths: Iterable[str]) -> "Twins":
        """Return those among the columns of a table, which are given by their paths."""
        spellings: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for path in paths:
            names = names_of(path)
            for place, name in enumerate(names):
                spellings[*names[:place], name.casefold()].add(name)
        several = (path for path, found in spellings.items() if len(found) > 1)
        return cls(frozenset(tuple(name.casefold() for name in path) for path in several))

    def compared(self, names: Sequence[str]) -> list[str]:
        """Return the names in a column's path so that those of the same column are equal."""
        folded = [name.casefold() for name in names]
        return [
            name if tuple(folded[: place + 1]) in self.paths else folded[place]
            for place, name in enumerate(names)
        ]


NO_TWINS = Twins()
