"""Which columns hold personal data, and what may be said of them: nothing with a cell's value."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from worker.checks.columns import columns_of, segments
from worker.checks.literals import COLUMN_ARGUMENTS
from worker.profiling.check import Check

__all__ = ["NOTHING_PERSONAL", "PersonalColumns", "holds_values", "names_personal_data"]

_APART = re.compile(r"[^\w]+|_|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d])(?=\d)")
_COUNTS = frozenset({"count", "count_distinct", "count_non_null", "count_null", "empty_count"})


def names_personal_data(texts: Iterable[str | None], words: Iterable[str]) -> bool:
    """Tell whether one of `texts` (classifications, tags, options as JSON) has one of `words`.

    Words of several parts, such as "personal data", are found however the parts are joined:
    `personal-data`, `personalData`.
    """
    wanted = [f" {_parts(word)} " for word in words]
    return any(word in f" {_parts(text)} " for text in texts if text for word in wanted)


def _parts(text: str) -> str:
    return " ".join(part.casefold() for part in _APART.split(text) if part)


def holds_values(check: Check) -> bool:
    """Tell whether a check names values: anything but its columns and switches."""
    return any(
        not (value is None or isinstance(value, bool) or name in COLUMN_ARGUMENTS)
        for name, value in check.arguments.items()
    )


@dataclass(frozen=True, slots=True)
class PersonalColumns:
    """The columns of a table that a contract classifies as personal."""

    paths: frozenset[str] = frozenset()
    """Struct fields behind dots; case does not count."""
    all_of_them: bool = False

    def __contains__(self, path: str) -> bool:
        """Tell whether a column, or what it is a field of, is personal."""
        parts = path.casefold().split(".")
        personal = {one.casefold() for one in self.paths}
        return self.all_of_them or any(
            ".".join(parts[: length + 1]) in personal for length in range(len(parts))
        )

    def publishes(self, check: Check) -> bool:
        """Tell whether a check names values of a personal column."""
        columns = columns_of(check.arguments)
        return holds_values(check) and any(".".join(segments(one)) in self for one in columns)

    def may_be_named(self, names: Iterable[str]) -> bool:
        """Tell whether one of `names`, case-folded, may be a personal column or a part of one."""
        personal = {part for path in self.paths for part in path.casefold().split(".")}
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
