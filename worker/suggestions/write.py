"""Writes suggestions in bulk, each once, in the place of those that waited till now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from worker.checks.decisions import Decision, When
from worker.checks.row import SuggestionRow
from worker.checks.stored import KnownRow
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.database.text import storable

__all__ = ["load_decisions", "supersede", "write_suggestions"]

_INSERT = load_sql(__package__, "insert")
_LOCK_SCHEMA = load_sql(__package__, "lock_schema")
_DECISIONS = load_sql(__package__, "decisions")
_COUNT = load_sql(__package__, "count")
_SUPERSEDE = load_sql(__package__, "supersede")


async def load_decisions(
    transaction: Connection,
    *,
    contract_id: str,
    versions: Mapping[str, str],
    schema_name: str,
    run_id: str,
) -> list[Decision]:
    """Return the schema's suggestions of all runs, and all that people decided, in their order.

    `versions` are those of the contract, by their ids: decisions count for all of them. Until the
    transaction ends no other worker writes suggestions for this schema.
    """
    lock = json.dumps(["dqx-worker", contract_id, schema_name])
    await transaction.execute(_LOCK_SCHEMA, lock)
    rows = await transaction.fetch(_DECISIONS, contract_id, schema_name, run_id, list(versions))
    return [
        Decision(
            row["id"],
            row["status"],
            When(row["asked_for"]),
            row["schema_name"],
            KnownRow.of(dict(row), row["property_name"]),
            None if row["contract_id"] == contract_id else versions[row["contract_id"]],
        )
        for row in rows
    ]


async def supersede(transaction: Connection, ids: Sequence[str]) -> bool:
    """Take pending suggestions of earlier runs away; tell whether all of them still waited."""
    return len(await transaction.fetch(_SUPERSEDE, list(ids))) == len(set(ids)) if ids else True


async def write_suggestions(
    transaction: Connection,
    *,
    run_id: str,
    contract_id: str,
    schema_name: str,
    rows: Sequence[SuggestionRow],
) -> int:
    """Insert the rows that the run has not inserted yet; leave those that it has as they are.

    Returns how many it has now: more than `rows` where it was done before and set back.
    """
    values = [
        {name: value and storable(value) for name, value in asdict(row).items()} for row in rows
    ]
    await transaction.execute(
        _INSERT, run_id, contract_id, schema_name, json.dumps(values, ensure_ascii=False)
    )
    return int(await transaction.fetchval(_COUNT, run_id, schema_name))
