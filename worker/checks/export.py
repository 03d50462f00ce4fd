"""Suggestions as a file that DQX loads, or as a contract that DQX's reader of contracts takes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.checks.identity import canonical
from worker.checks.known import KnownRow, checks_of
from worker.checks.row import severity_of
from worker.checks.words import describe, dimension, rule_text

__all__ = ["ContractHeader", "Exported", "as_dqx", "as_odcs", "exported"]

_API_VERSION = "v3.0.2"


@dataclass(frozen=True, slots=True)
class ContractHeader:
    """What ODCS demands of a contract."""

    id: str
    name: str
    version: str
    status: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A check of a suggestion: `metadata` as DQX writes it, and its words."""

    metadata: Mapping[str, Any]
    rule: str
    function: str
    severity: str


def exported(rows: Iterable[KnownRow]) -> list[Exported]:
    """Return the checks of suggestions, each once, in their order."""
    found: dict[str, Exported] = {}
    for row in rows:
        for check in checks_of(row):
            metadata: dict[str, Any] = {
                "criticality": check.criticality,
                "check": {"function": check.function, "arguments": dict(check.arguments)},
                "name": check.name,
            }
            if check.filter:
                metadata["filter"] = check.filter
            if check.user_metadata:
                metadata["user_metadata"] = dict(check.user_metadata)
            found.setdefault(
                canonical(check),
                Exported(
                    metadata, rule_text(check), check.function, severity_of(check.criticality)
                ),
            )
    return list(found.values())


def as_dqx(checks: Iterable[Exported]) -> list[dict[str, Any]]:
    """Return what `DQEngine` loads out of a file, and takes as metadata."""
    return [dict(one.metadata) for one in checks]


def as_odcs(
    contract: ContractHeader, tables: Mapping[str, tuple[str | None, Sequence[Exported]]]
) -> dict[str, Any]:
    """Return a contract with these checks and no others; `tables` are by schema name.

    It has no properties: of those DQX would make rules that nobody accepted, and it refuses the
    whole contract where the physical type of one is not a type of Unity Catalog. Without `rule`,
    which the strict schema forbids in a custom check: the text stands in the description.
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
    return {
        "name": str(one.metadata["name"]),
        "description": f"{one.rule}: {describe(one.function)}",
        "type": "custom",
        "dimension": dimension(one.function),
        "severity": one.severity,
        "engine": "dqx",
        # A copy, or YAML would write a reference.
        "implementation": json.loads(json.dumps(one.metadata)),
    }
