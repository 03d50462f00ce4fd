"""Checks as the backend's tables hold them: quality checks of contracts, and suggestions.

Any program may have written a row. A row that cannot be read keeps no check from being suggested.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from worker.checks.odcs_rules import of_metric
from worker.checks.parse_implementation import is_library, read_checks
from worker.checks.severity import criticality_of
from worker.counting.check import Check

__all__ = ["KnownRow", "Row", "checks_of", "has_text"]

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


def checks_of(row: KnownRow) -> Sequence[Check]:
    """Return the checks that a row stands for; none if it cannot be read.

    People choose the severity, and it decides the criticality: the implementation stays as it was.
    """
    chosen = criticality_of(row.severity)
    read = _as_written(row)
    return [replace(check, criticality=chosen) for check in read] if chosen else read


def has_text(kind: str | None, engine: str | None) -> bool:
    """Return whether the implementation of a row is read: DQX's, or a metric's arguments."""
    return _is_library(kind) or _holds_dqx(kind, engine)


def _holds_dqx(kind: str | None, engine: str | None) -> bool:
    return (kind or "").casefold() == "custom" and (engine or "").casefold() == "dqx"


def _is_library(kind: str | None) -> bool:
    return (kind or "").casefold() == "library"


def _as_written(row: KnownRow) -> Sequence[Check]:
    if _is_library(row.type):
        return _of_library(row)
    if not _holds_dqx(row.type, row.engine) or not row.implementation:
        return []
    read = row.implementation
    entries = (read_checks(read) or ()) if isinstance(read, str) else read
    return [one for one in entries if not is_library(one)]


def _of_library(row: KnownRow) -> list[Check]:
    """Read ODCS's library metrics, and what the backend's own job wrote: a function's name."""
    if row.column is None:
        return []
    if row.name == "is_not_null":
        return of_metric(["nullValues"], "0", row.column, {})
    read = row.implementation
    entries = read_checks(read) if isinstance(read, str) else read
    arguments = next((one.arguments for one in entries or () if is_library(one)), {})
    return of_metric((row.rule, row.name), row.must_be, row.column, arguments)
