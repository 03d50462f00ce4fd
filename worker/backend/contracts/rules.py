"""The quality checks that a contract has."""

from collections.abc import Sequence

from worker.backend.contracts.schema import SchemaObject
from worker.checks.implementation_cache import Read
from worker.checks.odcs_rules import KnownProperty
from worker.checks.parse_implementation import MAX_TEXT
from worker.checks.stored_checks import KnownRow, Row
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.suggestions.existing_checks import ContractChecks
from worker.suggestions.rules_of_schema import ContractRule

__all__ = ["MAX_RULES", "contract_checks", "find_rules", "has_rules", "load_implementations"]

_HAS_QUALITY_CHECKS = load_sql(__package__, "has_quality_checks")
_QUALITY_CHECKS = load_sql(__package__, "quality_checks")
_IMPLEMENTATIONS = load_sql(__package__, "implementations")
MAX_RULES = 20_000
"""Number of quality checks that are read of a contract."""


async def has_rules(connection: Connection) -> bool:
    """Return whether the backend has a table of quality checks that the worker may read."""
    return bool(await connection.fetchval(_HAS_QUALITY_CHECKS))


async def find_rules(connection: Connection, contract_id: str) -> Sequence[Row]:
    """Return the rows of the contract's quality checks, with hashes of their implementations."""
    return await connection.fetch(_QUALITY_CHECKS, contract_id, MAX_RULES, MAX_TEXT)


async def load_implementations(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return the implementations of quality checks."""
    rows = await connection.fetch(_IMPLEMENTATIONS, list(ids))
    return [row["implementation"] for row in rows]


def contract_checks(
    rows: Sequence[Row], schema: SchemaObject, texts: Read, *, readable: bool
) -> ContractChecks:
    """Return the checks that a contract has, and what the properties of a schema object demand.

    `texts` are the implementations that were read.
    """
    paths = {one.id: one.path for one in schema.tree}
    rules = [
        ContractRule(
            KnownRow.of(row, paths.get(row["property_id"]), texts.get(row["hash"])),
            row["under"],
            row["about"],
        )
        for row in rows
    ]
    demands = [
        KnownProperty(one.path, one.required, one.unique, one.options) for one in schema.tree
    ]
    return ContractChecks(rules, demands, readable)
