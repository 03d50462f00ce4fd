"""Writes suggestions in bulk, each once, and replaces those that still wait."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields

from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.database.text import storable
from worker.suggestions.suggest import SuggestionRow

__all__ = ["as_batches", "supersede", "write_batches", "write_suggestions"]

_INSERT = load_sql(__package__, "insert")
_COUNT = load_sql(__package__, "count")
_SUPERSEDE = load_sql(__package__, "supersede")
_MAX_BATCH = 4_000_000
"""Characters of rows that one statement inserts; all rows of most tables."""


async def supersede(transaction: Connection, ids: Sequence[str]) -> bool:
    """Take pending suggestions of earlier runs away; return whether all of them still waited."""
    return len(await transaction.fetch(_SUPERSEDE, list(ids))) == len(set(ids)) if ids else True


def as_batches(rows: Iterable[SuggestionRow]) -> list[str]:
    """Return rows in arrays of JSON, one for each statement that inserts them."""
    batches: list[str] = []
    batch: list[str] = []
    size = 0
    names = [field.name for field in fields(SuggestionRow)]
    for row in rows:
        values = {name: (value := getattr(row, name)) and storable(value) for name in names}
        text = json.dumps(values, ensure_ascii=False)
        if batch and size + len(text) > _MAX_BATCH:
            batches.append(f"[{','.join(batch)}]")
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    return [*batches, f"[{','.join(batch)}]"] if batch else batches


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
    return await write_batches(
        transaction,
        run_id=run_id,
        contract_id=contract_id,
        schema_name=schema_name,
        batches=as_batches(rows),
    )


async def write_batches(
    transaction: Connection,
    *,
    run_id: str,
    contract_id: str,
    schema_name: str,
    batches: Sequence[str],
) -> int:
    """Insert rows as `write_suggestions` does, from the arrays that `as_batches` returned."""
    for batch in batches:
        await transaction.execute(_INSERT, run_id, contract_id, schema_name, batch)
    return int(await transaction.fetchval(_COUNT, run_id, schema_name))
