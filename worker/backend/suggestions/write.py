"""Writes suggestions and their evidence in bulk, each once, and replaces those that still wait."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.database.storable_text import storable
from worker.suggestions.evidence_facts import Facts
from worker.suggestions.suggestion_row import SuggestionRow

__all__ = [
    "Batches",
    "batches_of",
    "supersede",
    "withdraw_values",
    "write_batches",
    "write_suggestions",
]

_INSERT = load_sql(__package__, "insert")
_INSERT_JUDGED = load_sql(__package__, "insert_judged")
_HAS_CONFIDENCE = load_sql(__package__, "has_confidence")
_WRITE_EVIDENCE = load_sql(__package__, "write_evidence")
_COUNT = load_sql(__package__, "count")
_SUPERSEDE = load_sql(__package__, "supersede")
_WITHDRAW_VALUES = load_sql(__package__, "withdraw_values")
_MAX_BATCH = 4_000_000
"""Characters of rows that one statement inserts; all rows of most tables."""
_NO_EVIDENCE: Mapping[str, Facts] = {}
_COLUMNS = [field.name for field in fields(SuggestionRow)]


@dataclass(frozen=True, slots=True)
class Batches:
    """What is inserted for a table, in arrays of JSON."""

    rows: list[str]
    evidence: list[str]
    judged: bool
    """Whether rows have a confidence."""


async def supersede(transaction: Connection, ids: Sequence[str]) -> bool:
    """Take pending suggestions of earlier runs away; return whether all of them still waited."""
    return len(await transaction.fetch(_SUPERSEDE, list(ids))) == len(set(ids)) if ids else True


async def withdraw_values(transaction: Connection, ids: Sequence[str]) -> None:
    """Take back the values of suggestions about columns that have become personal."""
    if ids:
        await transaction.execute(_WITHDRAW_VALUES, list(ids))


def _as_batches(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return rows in arrays of JSON, one for each statement that inserts them."""
    batches: list[str] = []
    batch: list[str] = []
    size = 0
    for row in rows:
        text = json.dumps(_storable(row), ensure_ascii=False)
        if batch and size + len(text) > _MAX_BATCH:
            batches.append(f"[{','.join(batch)}]")
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    return [*batches, f"[{','.join(batch)}]"] if batch else batches


def _storable(value: Any) -> Any:
    """Return a value in JSON's types with texts that Postgres takes."""
    match value:
        case str():
            return storable(value)
        case Mapping():
            return {name: _storable(one) for name, one in value.items()}
        case list() | tuple():
            return [_storable(one) for one in value]
    return value


def batches_of(
    rows: Sequence[SuggestionRow], evidence: Mapping[str, Facts] = _NO_EVIDENCE
) -> Batches:
    """Return what is inserted for a table; `evidence` is that for the rows, by their ids."""
    facts = ({"suggestion_id": id_, "facts": one} for id_, one in evidence.items())
    return Batches(
        _as_batches({name: getattr(row, name) for name in _COLUMNS} for row in rows),
        _as_batches(facts),
        judged=any(row.confidence_score is not None for row in rows),
    )


async def write_suggestions(
    transaction: Connection,
    *,
    run_id: str,
    contract_id: str,
    schema_name: str,
    rows: Sequence[SuggestionRow],
) -> int:
    """Insert the rows, without evidence, as `write_batches` does."""
    return await write_batches(
        transaction,
        run_id=run_id,
        contract_id=contract_id,
        schema_name=schema_name,
        batches=batches_of(rows),
    )


async def write_batches(
    transaction: Connection,
    *,
    run_id: str,
    contract_id: str,
    schema_name: str,
    batches: Batches,
) -> int:
    """Insert the rows that the run has not inserted yet; leave those that it has as they are.

    Returns how many it has now: more than `batches` have if it was done before and set back.
    """
    judged = batches.judged and await transaction.fetchval(_HAS_CONFIDENCE)
    for batch in batches.rows:
        await transaction.execute(
            _INSERT_JUDGED if judged else _INSERT, run_id, contract_id, schema_name, batch
        )
    for batch in batches.evidence:
        await transaction.execute(_WRITE_EVIDENCE, run_id, batch)
    return int(await transaction.fetchval(_COUNT, run_id, schema_name))
