"""Waiting for the end of a run with the rights of its requester, for the command line."""

from typing import Any

import anyio

from worker.database.outage import through_outages
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue.claimed_run import LONGEST_SCHEMA_NAMES
from worker.telemetry.text import MESSAGE_LIMIT

__all__ = ["await_end"]

_ROW = load_sql(__package__, "backend_row")
_READABLE = load_sql(__package__, "readable")
_LAST_ATTEMPT = load_sql(__package__, "last_attempt")
_COUNT = load_sql(__package__, "count_suggestions")

_POLL = 0.5
_OPEN = ("pending", "running")
_ATTEMPT = (
    "attempt",
    "worker",
    "phase",
    "tables_done",
    "tables_total",
    "percent",
    "last_error",
)


async def await_end(database: Database, run_id: str) -> dict[str, Any] | None:
    """Wait until the run has ended and return its row; None if the row was deleted.

    It takes the right to read `data_profiling_runs`. The number of `suggestions` and the fields of
    `run_status` are None if the role may not read them. The wait survives an outage of the
    database.
    """
    while True:
        run = await through_outages(lambda: _read(database, run_id))
        if run is None or run["status"] not in _OPEN:
            return run
        await anyio.sleep(_POLL)


async def _read(database: Database, run_id: str) -> dict[str, Any] | None:
    async with database.connection() as connection:
        row = await connection.fetchrow(_ROW, run_id, LONGEST_SCHEMA_NAMES, MESSAGE_LIMIT)
        if row is None:
            return None
        if row["status"] in _OPEN:
            return dict(row)
        return {**row, **await _results(connection, run_id)}


async def _results(connection: Connection, run_id: str) -> dict[str, Any]:
    """Return what the role may know of an ended run beyond its row."""
    results: dict[str, Any] = dict.fromkeys((*_ATTEMPT, "suggestions"))
    readable = await connection.fetchrow(_READABLE)
    if readable is None:
        return results
    if readable["run_status"]:
        results |= await connection.fetchrow(_LAST_ATTEMPT, run_id) or {}
    if readable["suggestions"]:
        results["suggestions"] = await connection.fetchval(_COUNT, run_id)
    return results
