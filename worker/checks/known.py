"""What a contract has already and what people decided, in the form in which checks are compared.

Rows are read as the backend's tables hold them, whoever wrote them; what can't be read never
keeps a check from being suggested.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

import yaml

from worker.checks.columns import as_argument
from worker.checks.identity import canonical, subject
from worker.checks.words import rule_text
from worker.profiling.check import Check

__all__ = ["Decision", "Known", "KnownProperty", "KnownRow", "When", "checks_of"]

_COLUMNS = ("name", "type", "engine", "rule", "implementation", "must_be")
_MAX_JSON, _MAX_YAML = 50_000, 10_000
"""Characters. No implementation that people wrote is longer, and reading YAML takes its time."""
_REMEMBERED = 1024
"""Rows that stay read: each is asked for again by every table and run of its contract."""


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A check of a contract, or a suggestion; the columns of both tables."""

    name: str | None = None
    type: str | None = None
    engine: str | None = None
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


class When(StrEnum):
    """When its run was asked for, beside the run that asks; of a run of another source: aside."""

    OWN = "own"
    EARLIER = "earlier"
    LATER = "later"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class KnownProperty:
    """A property by its path, with what a contract demands of it."""

    path: str
    required: bool
    unique: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A suggestion; `status` is the backend's word."""

    id: str
    status: str
    when: When
    row: KnownRow


@dataclass(slots=True)
class Known:
    """Checks by their canonical form and by what they are about."""

    has: dict[str, str] = field(default_factory=dict)
    """`contract`, `accepted` or `rejected`, by canonical form."""
    rules: dict[str, Check] = field(default_factory=dict)
    """The check that the contract has or that people accepted last, by subject."""
    rejected: dict[str, Check] = field(default_factory=dict)
    """The check that people rejected last, by subject."""
    waiting: list[str] = field(default_factory=list)
    """The ids of those that are pending of earlier runs: people see the latest run's alone."""
    own: dict[str, list[tuple[str, Check]]] = field(default_factory=dict)
    """The pending suggestions of the run itself, from a try before this one: ids, by subject."""
    later: set[str] = field(default_factory=set)
    """The subjects of those of later runs that are pending."""

    @classmethod
    def of(
        cls,
        rows: Iterable[KnownRow],
        properties: Iterable[KnownProperty],
        decisions: Iterable[Decision],
    ) -> "Known":
        """Gather what is known of one schema object; `decisions` in the order of their runs."""
        known = cls()
        for one in properties:
            for check in _demanded(one):
                known._add(check, "contract")
        for row in rows:
            for check in checks_of(row):
                known._add(check, "contract")
        for decision in decisions:
            if (decision.status, decision.when) == ("pending", When.EARLIER):
                known.waiting.append(decision.id)
                continue
            for check in checks_of(decision.row):
                match decision.status, decision.when:
                    case ("accepted" | "rejected") as decided, _:
                        known._add(check, decided)
                    case "pending", When.OWN:
                        known.own.setdefault(subject(check), []).append((decision.id, check))
                    case "pending", When.LATER:
                        known.later.add(subject(check))
        return known

    def _add(self, check: Check, where: str) -> None:
        there = self.has.setdefault(canonical(check), where)
        about = subject(check)
        if where == "rejected":
            self.rejected[about] = check
            return
        rule = self.rules.get(about)
        # The last one, unless people have taken it out of the contract, or changed it there.
        if there == "contract" or rule is None or self.has[canonical(rule)] != "contract":
            self.rules[about] = check


@lru_cache(_REMEMBERED)
def checks_of(row: KnownRow) -> Sequence[Check]:
    """Return the checks that a row stands for; none where that can't be told."""
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


def _demanded(one: KnownProperty) -> list[Check]:
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
