"""Writes suggestions in bulk, each once."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from worker.checks.row import SuggestionRow
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.database.text import storable

__all__ = ["write_suggestions"]

_INSERT = load_sql(__package__, "insert")


async def write_suggestions(
    transaction: Connection,
    *,
    run_id: str,
    contract_id: str,
    schema_name: str,
    rows: Sequence[SuggestionRow],
) -> None:
    """Insert the rows that the run has not inserted yet; leave those that it has as they are."""
    values = [
        {name: value and storable(value) for name, value in asdict(row).items()} for row in rows
    ]
    await transaction.execute(
        _INSERT, run_id, contract_id, schema_name, json.dumps(values, ensure_ascii=False)
    )
