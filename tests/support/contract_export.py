"""A contract with accepted suggestions, exported as the backend exports it.

The exporter writes `implementation` as the string that the row holds; DQX's reader takes a
mapping only, so whoever reads an export parses it first.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from deploy.sandbox.contracts import Contract

Row = Mapping[str, Any]


def export(contract: Contract, rows: Iterable[Row]) -> dict[str, Any]:
    """Return the contract as ODCS with every row as an accepted check."""
    accepted = list(rows)
    return {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": contract.id,
        "name": contract.name,
        "version": "1.0.0",
        "status": "draft",
        "schema": [
            {
                "name": schema.name,
                "logicalType": "object",
                "physicalName": schema.physical_name,
                "properties": [
                    {
                        "name": one.name,
                        "logicalType": one.logical_type,
                        "physicalType": one.physical_type,
                        "quality": _quality(accepted, schema.name, one.name),
                    }
                    for one in schema.properties
                ],
                "quality": [
                    _check(row)
                    for row in accepted
                    if row["schema_name"] == schema.name
                    and row["property_name"] not in {one.name for one in schema.properties}
                ],
            }
            for schema in contract.schemas
        ],
    }


def parse_implementations(odcs: dict[str, Any]) -> dict[str, Any]:
    """Turn each DQX implementation from a string into the mapping that DQX reads."""
    for schema in odcs["schema"]:
        for element in [schema, *schema["properties"]]:
            for check in element["quality"]:
                check["implementation"] = json.loads(check["implementation"])
    return odcs


def _quality(rows: Iterable[Row], schema_name: str, property_name: str) -> list[dict[str, Any]]:
    return [
        _check(row)
        for row in rows
        if row["schema_name"] == schema_name and row["property_name"] == property_name
    ]


def _check(row: Row) -> dict[str, Any]:
    exported = {
        "rule": row["rule"] or row["name"],
        "type": row["type"],
        "description": row["description"],
        "dimension": row["dimension"],
        "severity": row["severity"],
        "engine": row["engine"],
        "implementation": row["implementation"],
    }
    return {key: value for key, value in exported.items() if value is not None}
