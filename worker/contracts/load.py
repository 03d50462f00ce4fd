"""Loads a contract's schema objects with the names of their properties."""

from dataclasses import dataclass

from worker.database.pool import Connection, Database
from worker.database.sql import load_sql

__all__ = ["SchemaObject", "has_schema_object", "load_schema_objects"]

_SCHEMA_OBJECTS = load_sql(__package__, "schema_objects")
_HAS_SCHEMA_OBJECT = load_sql(__package__, "has_schema_object")


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """A schema object; `name` is what a run asks for, `physical_name` what is profiled."""

    id: str
    name: str
    physical_name: str | None
    properties: tuple[str, ...]


async def load_schema_objects(database: Database, contract_id: str) -> list[SchemaObject]:
    """Return the contract's schema objects by name; none where there is no such contract."""
    async with database.connection() as connection:
        rows = await connection.fetch(_SCHEMA_OBJECTS, contract_id)
    return [
        SchemaObject(row["id"], row["name"], row["physical_name"], tuple(row["properties"]))
        for row in rows
    ]


async def has_schema_object(transaction: Connection, object_id: str) -> bool:
    """Tell whether the schema object of this id is still there."""
    return bool(await transaction.fetchval(_HAS_SCHEMA_OBJECT, object_id))
