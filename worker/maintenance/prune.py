"""Keeps the worker's own tables small, a bounded piece at a time."""

from dataclasses import dataclass

from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue.options import Retention

__all__ = ["Pruned", "prune_evidence", "prune_page"]

_RUNS = load_sql(__package__, "prune_runs")
_WORKERS = load_sql(__package__, "prune_workers")
_REQUESTS = load_sql(__package__, "prune_requests")
_CONTRACTS = load_sql(__package__, "prune_contracts")
_SCHEMAS = load_sql(__package__, "prune_schemas")
_EVIDENCE = load_sql(__package__, "prune_evidence")

_AT_ONCE = 500
_FIRST = ""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What one piece came to. `after` is where the next begins; None when the end was reached."""

    runs: int
    workers: int
    after: str | None


async def prune_page(database: Database, retention: Retention, after: str | None = None) -> Pruned:
    """Look at 500 runs, those whose ids follow `after`, and at as many workers."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_RUNS, after or _FIRST, _AT_ONCE, retention.keep_runs)
        workers = await connection.fetchval(_WORKERS, _AT_ONCE, retention.keep_workers)
        await connection.fetchval(_REQUESTS, _AT_ONCE)
        await connection.fetchval(_CONTRACTS, _AT_ONCE)
        await connection.fetchval(_SCHEMAS, _AT_ONCE)
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    more = row["looked_at"] == _AT_ONCE
    return Pruned(row["dropped"], workers, row["last"] if more else None)


async def prune_evidence(database: Database, after: str | None = None) -> str | None:
    """Look at the evidence for 500 suggestions, those whose ids follow `after`.

    Returns where the next piece begins; None if the end was reached.
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(_EVIDENCE, after or _FIRST, _AT_ONCE)
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    return row["last"] if row["looked_at"] == _AT_ONCE else None
