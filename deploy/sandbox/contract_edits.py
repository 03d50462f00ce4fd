"""What the backend does to a contract when people edit it, with what it loses on the way.

As the backend's own manager does: it deletes and re-creates, under new ids.
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import uuid4

import asyncpg

from deploy.sandbox.backend import Backend, insert_schema
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.sample_contracts import Schema

__all__ = ["change_suggestion", "new_version", "save_rules", "save_schemas"]

_CONTRACT = "SELECT * FROM data_contracts WHERE id = $1"
_OBJECTS = "SELECT * FROM data_contract_schema_objects WHERE contract_id = $1 ORDER BY ctid"
_PROPERTIES = "SELECT * FROM data_contract_schema_properties WHERE object_id = $1 ORDER BY ctid"
_LISTED_RULES = """
SELECT q.* FROM data_contract_quality_checks q
JOIN data_contract_schema_objects o ON o.id = q.object_id
WHERE o.contract_id = $1
"""


async def save_schemas(backend: Backend, contract_id: str, schemas: Iterable[Schema]) -> None:
    """Save the form of a contract's schemas: all of them are made anew, and lose their rules."""
    async with backend.connection() as connection, connection.transaction():
        await connection.execute(
            "DELETE FROM data_contract_schema_objects WHERE contract_id = $1", contract_id
        )
        for schema in schemas:
            await insert_schema(connection, contract_id, schema)


async def save_rules(
    backend: Backend, contract_id: str, *, without: Collection[str] = (), more: Iterable[str] = ()
) -> None:
    """Delete rules, by their ids, or add some, by their names, as the list of rules does.

    Rules of properties stay as they are, also those that were deleted from the list. All rules that
    are listed are written under the contract's first schema object, without a property.
    """
    async with backend.connection() as connection, connection.transaction():
        rules = await connection.fetch(_LISTED_RULES, contract_id)
        first, *_ = await connection.fetch(_OBJECTS, contract_id)
        await connection.execute(
            "DELETE FROM data_contract_quality_checks WHERE property_id IS NULL AND object_id IN"
            " (SELECT id FROM data_contract_schema_objects WHERE contract_id = $1)",
            contract_id,
        )
        kept = [dict(rule) for rule in rules if rule["id"] not in without]
        for rule in [*kept, *({"name": name} for name in more)]:
            made = rule | {"id": str(uuid4()), "object_id": first["id"], "property_id": None}
            await insert(connection, "data_contract_quality_checks", **made)


async def new_version(backend: Backend, contract_id: str, version: str) -> str:
    """Clone a contract and return the clone's id: its schemas come along, its rules do not."""
    made = str(uuid4())
    async with backend.connection() as connection, connection.transaction():
        contract = await connection.fetchrow(_CONTRACT, contract_id)
        if contract is None:
            raise LookupError(f"there is no contract {contract_id}")
        row = _anew(contract, id=made, version=version, parent_contract_id=contract_id)
        await insert(connection, "data_contracts", **row)
        for schema in await connection.fetch(_OBJECTS, contract_id):
            object_id = str(uuid4())
            row = _anew(schema, id=object_id, contract_id=made)
            await insert(connection, "data_contract_schema_objects", **row)
            for one in await connection.fetch(_PROPERTIES, schema["id"]):
                row = _anew(one, id=str(uuid4()), object_id=object_id)
                await insert(connection, "data_contract_schema_properties", **row)
    return made


async def change_suggestion(backend: Backend, suggestion: str, **columns: str | None) -> None:
    """Change columns of a suggestion before it is decided; the implementation stays as it is."""
    async with backend.connection() as connection:
        row = await connection.fetchrow(
            "SELECT rule, severity, dimension FROM suggested_quality_checks WHERE id = $1",
            suggestion,
        )
        changed = dict(row or {}) | columns
        await connection.execute(
            "UPDATE suggested_quality_checks SET rule = $2, severity = $3, dimension = $4"
            " WHERE id = $1",
            suggestion,
            changed["rule"],
            changed["severity"],
            changed["dimension"],
        )


def _anew(row: asyncpg.Record, **changes: Any) -> dict[str, Any]:
    return dict(row) | changes
