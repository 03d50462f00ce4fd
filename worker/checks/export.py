"""Suggestions as a contract that DQX's reader of contracts takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from worker.checks.identity import canonical, subject
from worker.checks.implementation import as_metadata
from worker.checks.known import KnownRow, checks_of
from worker.checks.row import severity_of
from worker.checks.words import check_name, describe, dimension
from worker.profiling.check import Check

__all__ = ["ContractHeader", "Suggested", "as_odcs", "suggested_checks"]

_API_VERSION = "v3.0.2"


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

    row: KnownRow
    own: bool
    """Whether it is the worker's: these change each other where they are about the same."""
    asked_for: int
    """The place of its run in the order of requests."""


def suggested_checks(rows: Iterable[Suggested]) -> list[Check]:
    """Return the checks of suggestions, each once, in their order; of the worker's the newest."""
    newest: dict[str, tuple[int, Check]] = {}
    for place, one in sorted(enumerate(rows), key=lambda row: row[1].asked_for):
        for check in checks_of(one.row):
            newest[subject(check) if one.own else canonical(check)] = (place, check)
    once = {canonical(check): (place, check) for place, check in newest.values()}
    return [check for _, check in sorted(once.values(), key=itemgetter(0))]


def as_odcs(
    contract: ContractHeader, tables: Mapping[str, tuple[str | None, Sequence[Check]]]
) -> dict[str, Any]:
    """Return a contract with these checks and no others; `tables` are by schema name.

    It has no properties: of those DQX would make rules that nobody accepted, and it refuses the
    whole contract where the physical type of one is not a type of Unity Catalog. Without `rule`,
    which the strict schema forbids in a custom check; descriptions hold no values, for DQX copies
    them into the tables of its results.
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


def _quality(check: Check) -> dict[str, Any]:
    return {
        "name": check_name(check),
        "description": describe(check.function),
        "type": "custom",
        "dimension": dimension(check.function),
        "severity": severity_of(check.criticality),
        "engine": "dqx",
        "implementation": as_metadata(check),
    }
