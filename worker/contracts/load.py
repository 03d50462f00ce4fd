"""Loads what a contract says: its versions, schema objects, properties, and the checks it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.checks.export import ContractHeader
from worker.checks.known import ContractChecks
from worker.checks.placing import ContractRule
from worker.checks.stored import KnownProperty, KnownRow
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql

__all__ = [
    "Property",
    "SchemaObject",
    "find_schema_objects",
    "load_checks",
    "load_header",
    "load_schema_objects",
    "load_versions",
]

_CONTRACT = load_sql(__package__, "contract")
_SCHEMA_OBJECTS = load_sql(__package__, "schema_objects")
_PROPERTIES = load_sql(__package__, "properties")
_HAS_QUALITY_CHECKS = load_sql(__package__, "has_quality_checks")
_QUALITY_CHECKS = load_sql(__package__, "quality_checks")
_VERSIONS_NAMED = load_sql(__package__, "versions_named")
_VERSIONS = {
    "version_family_id": load_sql(__package__, "versions_of_family"),
    "parent_contract_id": load_sql(__package__, "versions_by_parents"),
}


@dataclass(frozen=True, slots=True)
class Property:
    """A property by its path, with what may say that it is personal."""

    id: str
    path: str
    classification: str | None
    options: str | None
    """The options of its logical type, as JSON."""
    required: bool
    unique: bool


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """A schema object; `name` is what a run asks for, `physical_name` what is profiled."""

    id: str
    name: str
    physical_name: str | None
    properties: tuple[str, ...]
    """The names of the top-level ones."""
    tags: str | None = None
    tree: tuple[Property, ...] = ()
    """All properties, nested ones too."""


async def load_schema_objects(database: Database, contract_id: str) -> list[SchemaObject]:
    """Return the contract's schema objects by name; none if there is no such contract."""
    async with database.connection() as connection:
        return await find_schema_objects(connection, contract_id)


async def find_schema_objects(
    connection: Connection, contract_id: str, name: str | None = None
) -> list[SchemaObject]:
    """Return the contract's schema objects of a name, or all of them."""
    rows = await connection.fetch(_SCHEMA_OBJECTS, contract_id, name)
    trees = await _properties(connection, [row["id"] for row in rows])
    return [
        SchemaObject(
            row["id"],
            row["name"],
            row["physical_name"],
            tuple(row["properties"]),
            row["tags"],
            tuple(trees.get(row["id"], ())),
        )
        for row in rows
    ]


async def load_header(database: Database, contract_id: str) -> ContractHeader | None:
    """Return what names a contract; None where there is none."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_CONTRACT, contract_id)
    return None if row is None else ContractHeader(**row)


async def load_versions(transaction: Connection, contract_id: str) -> Mapping[str, str]:
    """Return the versions of a contract by their ids, its own among them.

    It has no others if the backend does not say so, or does not let the worker read its contracts.
    """
    row = await transaction.fetchrow(_VERSIONS_NAMED)
    columns = row["columns"] if row is not None and row["readable"] else ()
    query = next((query for column, query in _VERSIONS.items() if column in columns), None)
    rows = await transaction.fetch(query, contract_id) if query else ()
    return {contract_id: ""} | {row["id"]: row["version"] for row in rows}


async def load_checks(
    transaction: Connection, contract_id: str, schema: SchemaObject
) -> ContractChecks:
    """Return the checks that a contract has, and what the properties of a schema object demand."""
    paths = {one.id: one.path for one in schema.tree}
    readable = bool(await transaction.fetchval(_HAS_QUALITY_CHECKS))
    rules = [
        ContractRule(
            KnownRow.of(dict(row), paths.get(row["property_id"])), row["under"], row["about"]
        )
        for row in (await transaction.fetch(_QUALITY_CHECKS, contract_id) if readable else ())
    ]
    demands = [KnownProperty(one.path, one.required, one.unique) for one in schema.tree]
    return ContractChecks(rules, demands, readable)


async def _properties(
    connection: Connection, object_ids: Sequence[str]
) -> dict[str, list[Property]]:
    trees: dict[str, list[Property]] = {}
    for row in await connection.fetch(_PROPERTIES, list(object_ids)):
        trees.setdefault(row["object_id"], []).append(
            Property(
                row["id"],
                row["path"],
                row["classification"],
                row["options"],
                row["required"],
                row["is_unique"],
            )
        )
    return trees
