"""Loads a contract's schema objects with the names of their properties."""

from dataclasses import dataclass

from worker.database.pool import Database
from worker.database.sql import load_sql

__all__ = ["SchemaObject", "load_schema_objects"]

_SCHEMA_OBJECTS = load_sql(__package__, "schema_objects")


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
