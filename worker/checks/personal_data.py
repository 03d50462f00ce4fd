"""Which columns hold personal data, and what may be said of them: nothing with a cell's value."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from worker.checks.catalogue.arguments import FORMS
from worker.checks.column_names import columns_of, segments
from worker.checks.filled_share import is_filled_share
from worker.counting.check import COLUMN_ARGUMENTS, Check
from worker.tables.column_paths import names_of, path_of

__all__ = ["NOTHING_PERSONAL", "PersonalColumns", "holds_values", "names_personal_data"]

_APART = re.compile(r"[^\w]+|_|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d])(?=\d)")
_COUNTS = frozenset(
    {
        *("count", "count_distinct", "count_distinct_approximate", "count_nan"),
        *("count_non_null", "count_null", "empty_count"),
    }
)


def names_personal_data(texts: Iterable[str | None], words: Iterable[str]) -> bool:
    """Return whether one of `texts` (classifications, tags, options as JSON) has one of `words`.

    Words of several parts, such as "personal data", are found however the parts are joined:
    `personal-data`, `personalData`.
    """
    wanted = _apart(tuple(words))
    return any(
        any(word in parts for word in wanted)
        for parts in (f" {_parts(text)} " for text in texts if text)
    )


@lru_cache
def _apart(words: tuple[str, ...]) -> list[str]:
    """Return words as they are looked for: the same for each property of a contract."""
    return [f" {_parts(word)} " for word in words]


def _parts(text: str) -> str:
    return " ".join(part.casefold() for part in _APART.split(text) if part)


def _up(path: str) -> list[str]:
    """Return a path and all that it is a field of."""
    parts = path.split(".")
    return [".".join(parts[: length + 1]) for length in range(len(parts))]


def holds_values(check: Check) -> bool:
    """Return whether a check names values: not its columns, switches, forms and shares of rows."""
    return not is_filled_share(check.function, check.arguments) and any(
        not (value is None or isinstance(value, bool) or name in FORMS or name in COLUMN_ARGUMENTS)
        for name, value in check.arguments.items()
    )


@dataclass(frozen=True, slots=True)
class PersonalColumns:
    """The columns of a table that a contract classifies as personal."""

    paths: frozenset[str] = frozenset()
    """Case does not count, and a dot may be part of a name or lead to a field: both are meant."""
    all_of_them: bool = False
    _above: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        folded = frozenset(".".join(names_of(path)).casefold() for path in self.paths)
        object.__setattr__(self, "paths", folded)
        object.__setattr__(self, "_above", frozenset(one for path in folded for one in _up(path)))

    def __contains__(self, path: str) -> bool:
        """Return whether a column, what it is a field of, or a field of it is personal.

        What a contract takes for a struct may be a text that holds all of it.
        """
        folded = ".".join(names_of(path)).casefold()
        return self.all_of_them or folded in self._above or not self.paths.isdisjoint(_up(folded))

    def publishes(self, check: Check) -> bool:
        """Return whether a check names values of a personal column."""
        return holds_values(check) and self.concerns(check)

    def concerns(self, check: Check) -> bool:
        """Return whether a check is about a personal column."""
        return any(path_of(segments(one)) in self for one in columns_of(check.arguments))

    def may_be_named(self, names: Iterable[str]) -> bool:
        """Return whether one of `names`, case-folded, may be a personal column or a part of one."""
        # A name with a dot is among those above.
        personal = self._above.union(*(path.split(".") for path in self.paths))
        return self.all_of_them or not personal.isdisjoint(names)

    def statistics(self, of_all: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """Return statistics of which personal columns keep counts alone."""
        return {
            path: {name: one for name, one in metrics.items() if name in _COUNTS}
            if path in self
            else metrics
            for path, metrics in of_all.items()
        }


NOTHING_PERSONAL = PersonalColumns()
