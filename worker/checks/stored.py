"""Checks as the backend's tables hold them: quality checks of contracts, and suggestions.

Any program may have written a row. A row that cannot be read keeps no check from being suggested.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from worker.checks.columns import as_argument
from worker.checks.severity import criticality_of
from worker.checks.written import read_checks
from worker.profiling.check import Check

__all__ = ["KnownProperty", "KnownRow", "Row", "checks_of", "demanded", "holds_dqx"]

_COLUMNS = ("name", "type", "engine", "severity", "rule", "must_be")


class Row(Protocol):
    """A row as it is stored, by the names of its columns."""

    def __getitem__(self, name: str, /) -> Any: ...

    def get(self, name: str, /) -> Any:
        """Return a value; None if there is no such column."""
        ...


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A check of a contract, or a suggestion; the columns of both tables."""

    name: str | None = None
    type: str | None = None
    engine: str | None = None
    severity: str | None = None
    rule: str | None = None
    implementation: "str | Sequence[Check] | None" = None
    """As it was written, or the checks that were read in it."""
    must_be: str | None = None
    column: str | None = None
    """The path of the property, None for one of the whole table."""

    @classmethod
    def of(
        cls,
        row: Row,
        column: str | None,
        implementation: "str | Sequence[Check] | None",
    ) -> "KnownRow":
        """Return a record of either table; `column` is the path of its property."""
        named = {name: row[name] for name in _COLUMNS}
        return cls(**named, implementation=implementation, column=column)


@dataclass(frozen=True, slots=True)
class KnownProperty:
    """A property by its path, with what a contract demands of it."""

    path: str
    required: bool
    unique: bool


def checks_of(row: KnownRow) -> Sequence[Check]:
    """Return the checks that a row stands for; none if it cannot be read.

    People choose the severity, and it decides the criticality: the implementation stays as it was.
    """
    chosen = criticality_of(row.severity)
    read = _as_written(row)
    return [replace(check, criticality=chosen) for check in read] if chosen else read


def holds_dqx(kind: str | None, engine: str | None) -> bool:
    """Return whether the implementation of a row of this type and engine is DQX's."""
    return (kind or "").casefold() == "custom" and (engine or "").casefold() == "dqx"


def _as_written(row: KnownRow) -> Sequence[Check]:
    if (row.type or "").casefold() == "library":
        return _of_library(row)
    if not holds_dqx(row.type, row.engine) or not row.implementation:
        return []
    if isinstance(row.implementation, str):
        return read_checks(row.implementation) or []
    return row.implementation


def _of_library(row: KnownRow) -> list[Check]:
    """Read ODCS's library metrics, and what the backend's own job wrote: a function's name."""
    if row.column is None:
        return []
    column = as_argument(row.column)
    metrics = {(name or "").casefold() for name in (row.rule, row.name)}
    if row.name == "is_not_null" or (row.must_be == "0" and "nullvalues" in metrics):
        return [_is_not_null(column)]
    if row.must_be == "0" and "duplicatevalues" in metrics:
        return [_is_unique(column)]
    return []


def demanded(one: KnownProperty) -> list[Check]:
    """Return the checks that a property's `required` and `unique` stand for."""
    column = as_argument(one.path)
    found = []
    if one.required:
        found.append(_is_not_null(column))
    if one.unique:
        found.append(_is_unique(column))
    if one.required and one.unique:
        # Without nulls it is the same how they compare.
        found.append(_is_unique(column, nulls_distinct=False))
    return found


def _is_not_null(column: str) -> Check:
    return Check("is_not_null", {"column": column}, f"{column}_is_null", "error")


def _is_unique(column: str, **arguments: bool) -> Check:
    return Check("is_unique", {"columns": [column], **arguments}, f"{column}_is_unique", "error")
