"""The backend's side of the queue, for the command line: insert a request, look at runs."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from worker.database.errors import RowVanished
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue import errors
from worker.queue.channels import REQUEST_CHANNEL
from worker.queue.run import LONGEST_SCHEMA_NAMES
from worker.telemetry.text import MESSAGE_LIMIT

__all__ = ["enqueue", "read_run", "read_summaries", "read_tables", "recent_runs"]

_INSERT = load_sql(__package__, "insert_request")
_NOTIFY = load_sql(__package__, "notify")
_RUN = load_sql(__package__, "run")
_RECENT = load_sql(__package__, "recent_runs")
_TABLES = load_sql(__package__, "run_tables")
_SUMMARIES = load_sql(__package__, "table_summaries")


async def enqueue(
    database: Database, *, contract_id: str, schema_names: Sequence[str], triggered_by: str
) -> str:
    """Insert a request as the backend does, wake the workers, return the run's id.

    Raises `UnknownContract`.
    """
    run_id = str(uuid4())
    try:
        async with database.transaction() as transaction:
            await transaction.execute(
                _INSERT, run_id, contract_id, json.dumps(list(schema_names)), triggered_by
            )
            await transaction.execute(_NOTIFY, REQUEST_CHANNEL)
    except RowVanished as error:
        raise errors.unknown_contract(contract_id) from error
    return run_id


async def read_run(database: Database, run_id: str) -> dict[str, Any] | None:
    """Return the backend's row of a run beside what the worker knows of it."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_RUN, run_id, LONGEST_SCHEMA_NAMES, MESSAGE_LIMIT)
    return dict(row) if row else None


async def recent_runs(database: Database, limit: int) -> list[dict[str, Any]]:
    """Return the newest runs of source 'dqx', the newest first."""
    async with database.connection() as connection:
        return [dict(row) for row in await connection.fetch(_RECENT, limit, MESSAGE_LIMIT)]


async def read_tables(database: Database, run_id: str) -> list[dict[str, Any]]:
    """Return the progress of a run's tables, by schema name."""
    async with database.connection() as connection:
        return [dict(row) for row in await connection.fetch(_TABLES, run_id)]


async def read_summaries(database: Database, run_id: str) -> dict[str, Any]:
    """Return each table's part of summary_stats by schema name, with nothing left out."""
    async with database.connection() as connection:
        rows = await connection.fetch(_SUMMARIES, run_id)
    return {row["schema_name"]: json.loads(row["summary"]) for row in rows}
