"""Loads what a contract says: its versions, its schema objects and their properties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.backend.contracts.schema import (
    MAX_CHARACTERS,
    MAX_CHARACTERS_OF_RUN,
    MAX_PROPERTIES,
    MAX_PROPERTIES_OF_RUN,
    MAX_TEXT,
    Rows,
    SchemaObject,
    schema_objects,
)
from worker.database.limited_threads import in_thread
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.suggestions.odcs_export import ContractHeader
from worker.telemetry.text import NAME_LIMIT

__all__ = [
    "KnownNames",
    "find_rows",
    "load_header",
    "load_physical_names",
    "load_schema_names",
    "load_schema_objects",
    "load_versions",
]

_CONTRACT = load_sql(__package__, "contract")
_SCHEMA_OBJECTS = load_sql(__package__, "schema_objects")
_SCHEMA_NAMES = load_sql(__package__, "schema_names")
_PHYSICAL_NAMES = load_sql(__package__, "physical_names")
_PROPERTIES = load_sql(__package__, "properties")
_VERSIONS_NAMED = load_sql(__package__, "versions_named")
_VERSIONS = {
    "version_family_id": load_sql(__package__, "versions_of_family"),
    "parent_contract_id": load_sql(__package__, "versions_by_parents"),
}
_NAMES_READ = 1_000


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names of a contract's schema objects: the first of them, and how many there are."""

    first: tuple[str, ...] = ()
    number: int = 0


async def load_schema_objects(
    database: Database, contract_id: str, names: Sequence[str]
) -> list[SchemaObject]:
    """Return the contract's schema objects that have one of `names`."""
    async with database.connection() as connection:
        rows = await find_rows(connection, contract_id, names)
    return await in_thread(schema_objects, rows)


async def find_rows(connection: Connection, contract_id: str, names: Sequence[str]) -> Rows:
    """Return the rows of the contract's schema objects that have one of `names`."""
    objects = await connection.fetch(_SCHEMA_OBJECTS, contract_id, list(names), MAX_TEXT + 1)
    properties = await connection.fetch(
        _PROPERTIES,
        [row["id"] for row in objects if row["namesakes"] == 1],
        MAX_PROPERTIES,
        MAX_CHARACTERS,
        MAX_PROPERTIES_OF_RUN,
        MAX_CHARACTERS_OF_RUN,
        MAX_TEXT + 1,
    )
    return Rows(objects, properties)


async def load_schema_names(database: Database, contract_id: str) -> KnownNames:
    """Return names of the contract's schema objects, for a message."""
    async with database.connection() as connection:
        rows = await connection.fetch(_SCHEMA_NAMES, contract_id, _NAMES_READ, NAME_LIMIT + 1)
    return KnownNames(tuple(row["name"] for row in rows), rows[0]["number"] if rows else 0)


async def load_physical_names(database: Database, contract_id: str) -> dict[str, str | None]:
    """Return the physical names of all schema objects of the contract, by their names."""
    async with database.connection() as connection:
        rows = await connection.fetch(_PHYSICAL_NAMES, contract_id)
    return {row["name"]: row["physical_name"] for row in rows}


async def load_header(database: Database, contract_id: str) -> ContractHeader | None:
    """Return what names a contract; None if there is no such contract."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_CONTRACT, contract_id)
    return None if row is None else ContractHeader(**row)


async def load_versions(transaction: Connection, contract_id: str) -> Mapping[str, str]:
    """Return the versions of a contract by their ids, its own among them.

    It has no others if the backend does not say so, or does not let the worker read its contracts.
    """
    row = await transaction.fetchrow(_VERSIONS_NAMED)
    columns = row["columns"] if row is not None else ()
    query = next((query for column, query in _VERSIONS.items() if column in columns), None)
    rows = await transaction.fetch(query, contract_id) if query else ()
    return {contract_id: ""} | {row["id"]: row["version"] for row in rows}
