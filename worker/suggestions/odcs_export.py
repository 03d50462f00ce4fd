"""Suggestions as a contract that DQX's reader of contracts takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from worker.checks.case_twins import Twins
from worker.checks.column_names import columns_of, segments
from worker.checks.identity import canonical, subject
from worker.checks.implementation import as_metadata
from worker.checks.severity import criticality_of, severity_of
from worker.checks.stored_checks import KnownRow, checks_of
from worker.checks.words import check_name, describe, dimension, rule_text
from worker.counting.check import Check
from worker.tables.column_paths import path_of

__all__ = ["ContractHeader", "Exported", "Suggested", "as_odcs", "suggested_checks"]

_API_VERSION = "v3.0.2"
_DIMENSIONS = frozenset(
    {
        "accuracy",
        "completeness",
        "conformity",
        "consistency",
        "coverage",
        "timeliness",
        "uniqueness",
    }
)


@dataclass(frozen=True, slots=True)
class ContractHeader:
    """What ODCS demands of a contract."""

    id: str
    name: str
    version: str
    status: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion as it is stored."""

    id: str
    row: KnownRow
    own: bool
    """Whether it is the worker's: a newer one replaces an older one of the same subject."""
    asked_for: int
    """The place of its run in the order of requests."""
    dimension: str | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """A check of a suggestion, with what people changed in the suggestion beside it."""

    check: Check
    suggestion: Suggested

    @property
    def severity(self) -> str:
        """Return the severity that people chose, or the one that the check stands for."""
        chosen = self.suggestion.row.severity
        if chosen is not None and criticality_of(chosen) is not None:
            return chosen.strip().casefold()
        return severity_of(self.check.criticality)

    @property
    def dimension(self) -> str:
        """Return the suggestion's dimension, or the check function's if ODCS does not know it.

        A finding may have another one than its function, and people may choose one.
        """
        chosen = (self.suggestion.dimension or "").strip().casefold()
        return chosen if chosen in _DIMENSIONS else dimension(self.check)

    @property
    def unknown_severity(self) -> str | None:
        """Return the suggestion's severity if it stands for no criticality."""
        chosen = (self.suggestion.row.severity or "").strip()
        return chosen if chosen and criticality_of(chosen) is None else None

    @property
    def other_rule(self) -> str | None:
        """Return the suggestion's rule if it is the worker's own and no longer says the check.

        White space and case do not count. The rules of other programs are in words of their own.
        """
        row, rule = self.suggestion.row, self.suggestion.row.rule or ""
        written = self.suggestion.own and row.implementation and _words(rule)
        return rule if written and _words(rule) != _words(rule_text(self.check)) else None


def suggested_checks(rows: Iterable[Suggested]) -> list[Exported]:
    """Return the checks of suggestions, each once, in their order; of the worker's the newest."""
    rows = list(rows)
    twins = _twins_in(rows)
    newest: dict[str, tuple[int, Exported]] = {}
    for place, one in sorted(enumerate(rows), key=lambda row: row[1].asked_for):
        for check in checks_of(one.row):
            about = subject(check, twins) if one.own else canonical(check, twins)
            newest[about] = (place, Exported(check, one))
    once = {canonical(one.check, twins): (place, one) for place, one in newest.values()}
    return [one for _, one in sorted(once.values(), key=itemgetter(0))]


def _twins_in(rows: Iterable[Suggested]) -> Twins:
    """Return the columns that only case tells apart: the worker spells them as their table does."""
    checks = (check for one in rows if one.own for check in checks_of(one.row))
    columns = (column for check in checks for column in columns_of(check.arguments))
    return Twins.among(path_of(segments(column)) for column in columns)


def _words(text: str) -> list[str]:
    return text.casefold().split()


def as_odcs(
    contract: ContractHeader, tables: Mapping[str, tuple[str | None, Sequence[Exported]]]
) -> dict[str, Any]:
    """Return a contract with these checks and no others; `tables` are by schema name.

    The contract has no properties. DQX would make rules of them that no one accepted, and it
    refuses the whole contract if the physical type of a property is not a type of Unity Catalog.
    A check has no `rule`, which the strict schema forbids in a custom check. Descriptions hold no
    values, because DQX copies them into the tables of its results.
    """
    return {
        "apiVersion": _API_VERSION,
        "kind": "DataContract",
        "id": contract.id,
        "name": contract.name,
        "version": contract.version,
        "status": contract.status,
        "schema": [
            {
                "name": name,
                "logicalType": "object",
                **({} if physical_name is None else {"physicalName": physical_name}),
                "quality": [_quality(one) for one in checks],
            }
            for name, (physical_name, checks) in tables.items()
        ],
    }


def _quality(one: Exported) -> dict[str, Any]:
    check = one.check
    return {
        "name": check_name(check),
        "description": describe(check),
        "type": "custom",
        "dimension": one.dimension,
        "severity": one.severity,
        "engine": "dqx",
        "implementation": as_metadata(check),
    }
