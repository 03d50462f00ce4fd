"""What the backend does with suggestions: it accepts them into the contract, and exports that.

As the backend's own manager and exporter do, with what they lose on the way.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

import asyncpg

from deploy.sandbox.backend import Backend

__all__ = ["accept", "accept_within", "export", "parse_implementations", "reject"]

_PENDING = "SELECT * FROM suggested_quality_checks WHERE id = $1 AND status = 'pending' FOR UPDATE"
_OBJECT = "SELECT id FROM data_contract_schema_objects WHERE contract_id = $1 AND name = $2"
_PROPERTY = "SELECT id FROM data_contract_schema_properties WHERE object_id = $1 AND name = $2"
_DECIDE = "UPDATE suggested_quality_checks SET status = $2 WHERE id = $1 AND status = 'pending'"
_INSERT = """
INSERT INTO data_contract_quality_checks (
    id, object_id, property_id, level, name, description, dimension, business_impact, method,
    schedule, scheduler, severity, type, unit, tags, rule, query, engine, implementation, must_be,
    must_not_be, must_be_gt, must_be_ge, must_be_lt, must_be_le, must_be_between_min,
    must_be_between_max)
SELECT $1, $2, $3, level, name, description, dimension, business_impact, method,
    schedule, scheduler, severity, type, unit, tags, rule, query, engine, implementation, must_be,
    must_not_be, must_be_gt, must_be_ge, must_be_lt, must_be_le, must_be_between_min,
    must_be_between_max
FROM suggested_quality_checks WHERE id = $4
"""
_CONTRACT = "SELECT * FROM data_contracts WHERE id = $1"
_OBJECTS = "SELECT * FROM data_contract_schema_objects WHERE contract_id = $1 ORDER BY name, id"
_PROPERTIES = "SELECT * FROM data_contract_schema_properties WHERE object_id = $1 ORDER BY id"
_CHECKS = "SELECT * FROM data_contract_quality_checks WHERE object_id = $1 ORDER BY id"

# A column and the key that it is exported as; those that the exporter drops are not here.
_EXPORTED = {
    **{name: name for name in ("type", "description", "dimension", "severity", "method")},
    **{name: name for name in ("schedule", "scheduler", "unit", "query", "engine", "tags")},
    "implementation": "implementation",
    "must_be": "mustBe",
    "must_not_be": "mustNotBe",
    "must_be_gt": "mustBeGt",
    "must_be_ge": "mustBeGe",
    "must_be_lt": "mustBeLt",
    "must_be_le": "mustBeLe",
}


async def accept(backend: Backend, suggestions: Iterable[str]) -> None:
    """Copy suggestions that wait, by their ids, into their contract, and mark them."""
    async with backend.connection() as connection, connection.transaction():
        await accept_within(connection, suggestions)


async def accept_within(transaction: asyncpg.Connection, suggestions: Iterable[str]) -> None:
    """Accept suggestions in a transaction that the caller commits."""
    for suggestion in suggestions:
        row = await transaction.fetchrow(_PENDING, suggestion)
        if row is None:
            continue
        found = await transaction.fetchval(_OBJECT, row["contract_id"], row["schema_name"])
        if found is None:
            continue
        # Among all of the object's properties, nested ones too.
        of_property = await transaction.fetchval(_PROPERTY, found, row["property_name"])
        await transaction.execute(_INSERT, str(uuid4()), found, of_property, suggestion)
        await transaction.execute(_DECIDE, suggestion, "accepted")


async def reject(backend: Backend, suggestions: Iterable[str]) -> None:
    """Mark suggestions that wait as rejected."""
    async with backend.connection() as connection:
        for suggestion in suggestions:
            await connection.execute(_DECIDE, suggestion, "rejected")


async def export(backend: Backend, contract_id: str) -> dict[str, Any]:
    """Return a contract as ODCS."""
    async with backend.connection() as connection:
        contract = await connection.fetchrow(_CONTRACT, contract_id)
        if contract is None:
            raise LookupError(f"there is no contract {contract_id}")
        return {
            "apiVersion": contract["api_version"],
            "kind": contract["kind"],
            "id": contract["id"],
            "name": contract["name"],
            "version": contract["version"],
            "status": contract["status"],
            "schema": [
                await _exported(connection, schema)
                for schema in await connection.fetch(_OBJECTS, contract_id)
            ],
        }


async def _exported(connection: asyncpg.Connection, schema: asyncpg.Record) -> dict[str, Any]:
    properties = await connection.fetch(_PROPERTIES, schema["id"])
    checks = await connection.fetch(_CHECKS, schema["id"])
    exported = {
        "name": schema["name"],
        "logicalType": "object",
        "physicalName": schema["physical_name"],
        "properties": [
            {
                "name": one["name"],
                "logicalType": one["logical_type"],
                "physicalType": one["physical_type"],
                "required": one["required"],
                "unique": one["unique"],
                "quality": _quality(checks, one["id"]),
            }
            for one in properties
            if one["parent_property_id"] is None
        ],
        "quality": _quality(checks, None),
    }
    return {name: value for name, value in exported.items() if value is not None}


def _quality(checks: Sequence[asyncpg.Record], property_id: str | None) -> list[dict[str, Any]]:
    return [
        {"rule": row["rule"] or row["name"]}
        | {key: row[name] for name, key in _EXPORTED.items() if row[name] is not None}
        for row in checks
        if row["property_id"] == property_id
    ]


def parse_implementations(odcs: dict[str, Any]) -> dict[str, Any]:
    """Turn each of DQX's implementations from the string of an export into what DQX reads."""
    for schema in odcs.get("schema") or []:
        for element in [schema, *(schema.get("properties") or [])]:
            for check in element.get("quality") or []:
                if (check.get("type"), check.get("engine")) != ("custom", "dqx"):
                    continue
                if isinstance(check.get("implementation"), str):
                    check["implementation"] = json.loads(check["implementation"])
    return odcs
