"""Reads a run's suggestions, for the command line."""

import json
from collections.abc import Sequence
from typing import Any

from worker.checks.stored_checks import KnownRow
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.suggestions.odcs_export import Suggested

__all__ = ["read_of_contract", "read_suggestions"]

_OF_RUN = load_sql(__package__, "of_run")
_OF_CONTRACT = load_sql(__package__, "of_contract")


async def read_suggestions(database: Database, run_id: str) -> list[dict[str, Any]]:
    """Return the suggestions of a run by schema name and property, each with its evidence."""
    async with database.connection() as connection:
        rows = [dict(row) for row in await connection.fetch(_OF_RUN, run_id)]
    for row in rows:
        row["evidence"] = None if row["evidence"] is None else json.loads(row["evidence"])
    return rows


async def read_of_contract(
    database: Database, contract_id: str, statuses: Sequence[str]
) -> dict[str, list[Suggested]]:
    """Return the suggestions of a contract with one of `statuses`, by schema name."""
    found: dict[str, list[Suggested]] = {}
    async with database.connection() as connection:
        for row in await connection.fetch(_OF_CONTRACT, contract_id, list(statuses)):
            known = KnownRow.of(row, row["property_name"], row["implementation"])
            one = Suggested(row["id"], known, row["own"], row["asked_for"], row["dimension"])
            found.setdefault(row["schema_name"], []).append(one)
    return found
