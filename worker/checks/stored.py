"""Checks as the backend's tables hold them: quality checks of contracts, and suggestions.

Any program may have written a row. A row that cannot be read keeps no check from being suggested.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import yaml

from worker.checks.columns import as_argument
from worker.checks.identity import canonical, subject
from worker.checks.severity import criticality_of
from worker.checks.words import rule_text
from worker.profiling.check import Check

__all__ = ["KnownProperty", "KnownRow", "checks_of", "demanded"]

_COLUMNS = ("name", "type", "engine", "severity", "rule", "implementation", "must_be")
_MAX_JSON, _MAX_YAML = 50_000, 10_000
"""Characters. No implementation that people wrote is longer, and reading YAML takes its time."""
_REMEMBERED = 8192
"""Number of rows that stay read: each table of a run asks for all rows of its contract."""


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A check of a contract, or a suggestion; the columns of both tables."""

    name: str | None = None
    type: str | None = None
    engine: str | None = None
    severity: str | None = None
    rule: str | None = None
    implementation: str | None = None
    must_be: str | None = None
    column: str | None = None
    """The path of the property, None for one of the whole table."""

    @classmethod
    def of(cls, row: Mapping[str, Any], column: str | None) -> "KnownRow":
        """Return a record of either table; `column` is the path of its property."""
        named = {name: row[name] for name in _COLUMNS}
        return cls(**named, column=column)


@dataclass(frozen=True, slots=True)
class KnownProperty:
    """A property by its path, with what a contract demands of it."""

    path: str
    required: bool
    unique: bool


@lru_cache(_REMEMBERED)
def checks_of(row: KnownRow) -> Sequence[Check]:
    """Return the checks that a row stands for; none if it cannot be read.

    People choose the severity, and it decides the criticality: the implementation stays as it was.
    """
    chosen = criticality_of(row.severity)
    read = _as_written(row)
    return [replace(check, criticality=chosen) for check in read] if chosen else read


def _as_written(row: KnownRow) -> list[Check]:
    kind = (row.type or "").casefold()
    if kind == "library":
        return _of_library(row)
    if kind != "custom" or (row.engine or "").casefold() != "dqx" or not row.implementation:
        return []
    try:
        read = _read(row.implementation)
    # Whatever somebody wrote there: YAML's errors are its own and Python's.
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError):
        return []
    entries = read if isinstance(read, list) else [read]
    return [check for entry in entries for check in _of_mapping(entry)]


def _read(text: str) -> Any:
    if len(text) > _MAX_JSON:
        raise ValueError
    try:
        return json.loads(text)
    except ValueError:
        if len(text) > _MAX_YAML:
            raise
        return yaml.load(text, _PlainLoader)  # noqa: S506 - a safe loader


class _PlainLoader(yaml.SafeLoader):
    """Reads dates as the texts that DQX takes.

    Refuses references: a few lines of them mean more than fits into memory.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("a reference")
        return super().compose_node(parent, index)


_PlainLoader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _of_mapping(entry: Any) -> list[Check]:
    if not isinstance(entry, Mapping):
        return []
    check = entry.get("check")
    inner = check if isinstance(check, Mapping) else entry
    function, arguments = inner.get("function"), inner.get("arguments") or {}
    if not isinstance(function, str) or not isinstance(arguments, Mapping):
        return []
    arguments = {str(name): value for name, value in arguments.items()}
    each = inner.get("for_each_column")
    filter_, criticality = entry.get("filter"), entry.get("criticality")
    metadata = entry.get("user_metadata")

    def made(given: Mapping[str, Any]) -> Check:
        return Check(
            function,
            dict(given),
            str(entry.get("name") or function),
            str(criticality or "error"),
            filter_ if isinstance(filter_, str) else None,
            dict(metadata) if isinstance(metadata, Mapping) else {},
        )

    if not isinstance(each, Sequence) or isinstance(each, str):
        return _readable(made(arguments))
    return [
        check
        for column in each
        for check in _readable(
            made(arguments | {"column" if isinstance(column, str) else "columns": column})
        )
    ]


def _readable(check: Check) -> list[Check]:
    try:
        canonical(check), subject(check), rule_text(check)
    # Columns or values of no type that a check takes, or nested without end.
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError):
        return []
    return [check]


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
