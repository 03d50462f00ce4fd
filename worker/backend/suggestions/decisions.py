"""What was suggested for a schema before, and what people decided about it."""

from collections.abc import Mapping, Sequence

from worker.checks.implementation_cache import Read
from worker.checks.parse_implementation import MAX_TEXT
from worker.checks.stored_checks import KnownRow, Row
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.suggestions.decisions import Decision, When

__all__ = [
    "MAX_DECISIONS",
    "decisions_of",
    "find_decisions",
    "load_implementations",
    "lock_schema",
]

_LOCK_SCHEMA = load_sql(__package__, "lock_schema")
_DECISIONS = load_sql(__package__, "decisions")
_IMPLEMENTATIONS = load_sql(__package__, "implementations")
MAX_DECISIONS = 100_000
"""Number of suggestions that are read for a schema; those that still wait are among them."""


async def lock_schema(transaction: Connection, contract_id: str, schema_name: str) -> None:
    """Let no other worker write suggestions for this schema until the transaction ends."""
    await transaction.execute(_LOCK_SCHEMA, contract_id, schema_name)


async def find_decisions(
    connection: Connection,
    *,
    contract_id: str,
    versions: Mapping[str, str],
    schema_name: str,
    run_id: str,
) -> Sequence[Row]:
    """Return the rows of the schema's suggestions of all runs, and of all that people decided.

    They have the hashes of their implementations. `versions` are those of the contract, by their
    ids: decisions count for all of them.
    """
    return await connection.fetch(
        _DECISIONS, contract_id, schema_name, run_id, list(versions), MAX_DECISIONS, MAX_TEXT
    )


async def load_implementations(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return the implementations of suggestions."""
    rows = await connection.fetch(_IMPLEMENTATIONS, list(ids))
    return [row["implementation"] for row in rows]


def decisions_of(
    rows: Sequence[Row], contract_id: str, versions: Mapping[str, str], texts: Read
) -> list[Decision]:
    """Return the decisions in rows, in their order; `texts` are the implementations read."""
    return [
        Decision(
            row["id"],
            row["status"],
            When(row["asked_for"]),
            row["schema_name"],
            KnownRow.of(row, row["property_name"], texts.get(row["hash"])),
            None if row["contract_id"] == contract_id else versions[row["contract_id"]],
        )
        for row in rows
    ]
