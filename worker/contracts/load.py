"""Loads what a contract says: its schema objects, their properties, and the checks it has."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.checks.export import ContractHeader
from worker.checks.known import KnownProperty, KnownRow
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql

__all__ = [
    "Property",
    "SchemaObject",
    "has_schema_object",
    "load_checks",
    "load_header",
    "load_schema_objects",
]

_CONTRACT = load_sql(__package__, "contract")
_SCHEMA_OBJECTS = load_sql(__package__, "schema_objects")
_PROPERTIES = load_sql(__package__, "properties")
_HAS_QUALITY_CHECKS = load_sql(__package__, "has_quality_checks")
_QUALITY_CHECKS = load_sql(__package__, "quality_checks")
_HAS_SCHEMA_OBJECT = load_sql(__package__, "has_schema_object")


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
    """Return the contract's schema objects by name; none where there is no such contract."""
    async with database.connection() as connection:
        rows = await connection.fetch(_SCHEMA_OBJECTS, contract_id)
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


async def has_schema_object(transaction: Connection, object_id: str) -> bool:
    """Tell whether the schema object of this id is still there."""
    return bool(await transaction.fetchval(_HAS_SCHEMA_OBJECT, object_id))


async def load_checks(
    transaction: Connection, object_id: str
) -> tuple[list[KnownRow], list[KnownProperty]]:
    """Return the checks that a schema object has, and what its properties demand."""
    properties = (await _properties(transaction, [object_id])).get(object_id, [])
    paths = {one.id: one.path for one in properties}
    there = await transaction.fetchval(_HAS_QUALITY_CHECKS)
    rows = [
        KnownRow.of(dict(row), paths.get(row["property_id"] or ""))
        for row in (await transaction.fetch(_QUALITY_CHECKS, object_id) if there else ())
    ]
    return rows, [KnownProperty(one.path, one.required, one.unique) for one in properties]


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
