"""Which of many names are similar to one: for a message about a name that does not exist."""

from collections.abc import Sequence, Set
from functools import cache, partial

__all__ = ["Names"]

_COMPARED = 100
"""Characters of a name: the time for two names grows with their length alone."""
_SIMILAR = 0.4


class Names:
    """Names that exist, to be compared with others that do not."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = sorted(set(names))
        self._pairs = cache(_pairs)

    def nearest_first(self, name: str) -> list[str]:
        """Return all names: those similar to `name` first, then the others by the alphabet."""
        likeness = partial(_likeness, self._pairs(name))
        near = {
            other: alike
            for other in self._names
            if (alike := likeness(self._pairs(other))) > _SIMILAR
        }
        others = [other for other in self._names if other not in near]
        return sorted(near, key=lambda other: -near[other]) + others

    def by_alphabet(self) -> list[str]:
        """Return all names, without a comparison."""
        return list(self._names)


def _pairs(name: str) -> Set[str]:
    """Return the pairs of adjacent characters of a name, its two ends among them."""
    padded = f" {name[:_COMPARED].casefold()} "
    return {padded[place : place + 2] for place in range(len(padded) - 1)}


def _likeness(these: Set[str], those: Set[str]) -> float:
    """Return the share of pairs that two names have in common, from 0 to 1 (Dice's coefficient)."""
    return 2 * len(these & those) / (len(these) + len(those))
