"""The backend's side of the queue, for the command line: insert a request, look at runs."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from worker.database.errors import DatabaseRefused, RowVanished
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue import errors as queue_errors
from worker.queue.channels import REQUEST_CHANNEL
from worker.queue.claimed_run import LONGEST_SCHEMA_NAMES
from worker.runs import errors
from worker.runs.errors import RequestForbidden
from worker.telemetry.text import MESSAGE_LIMIT

__all__ = [
    "enqueue",
    "find_run",
    "inserting_requests",
    "read_run",
    "read_summaries",
    "read_tables",
    "recent_runs",
]

_INSERT = load_sql(__package__, "insert_request")
_NOTIFY = load_sql(__package__, "notify")
_ROLE = load_sql(__package__, "role")
_RUN = load_sql(__package__, "run")
_EXISTS = load_sql(__package__, "run_exists")
_BEGINNING = load_sql(__package__, "runs_beginning")
_RECENT = load_sql(__package__, "recent_runs")
_TABLES = load_sql(__package__, "run_tables")
_SUMMARIES = load_sql(__package__, "table_summaries")
# At least as much of a UUID as `dqx-worker status` shows.
_SHORT_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,27}")
_INSUFFICIENT_PRIVILEGE = "42501"


async def enqueue(
    database: Database, *, contract_id: str, schema_names: Sequence[str], triggered_by: str
) -> str:
    """Insert a request as the backend does, wake the workers, return the run's id.

    Raises `UnknownContract`, and `RequestForbidden` if the role may not insert requests.
    """
    run_id = str(uuid4())
    try:
        async with inserting_requests(database), database.transaction() as transaction:
            await transaction.execute(
                _INSERT, run_id, contract_id, json.dumps(list(schema_names)), triggered_by
            )
            await transaction.execute(_NOTIFY, REQUEST_CHANNEL)
    except RowVanished as error:
        raise errors.unknown_contract(contract_id) from error
    return run_id


@asynccontextmanager
async def inserting_requests(database: Database) -> AsyncIterator[None]:
    """Raise `RequestForbidden` if Postgres refuses the block for a right that the role lacks."""
    try:
        yield
    except RequestForbidden:
        raise
    except DatabaseRefused as error:
        if getattr(error.__cause__, "sqlstate", None) != _INSUFFICIENT_PRIVILEGE:
            raise
        raise errors.may_not_insert(await _role(database)) from error


async def find_run(database: Database, given: str) -> str:
    """Return the id of the run that `given` names: an id, or the beginning of one UUID.

    Raises `UnknownRun`.
    """
    async with database.connection() as connection:
        if await connection.fetchval(_EXISTS, given):
            return given
        rows = await connection.fetch(_BEGINNING, given) if _SHORT_ID.fullmatch(given) else []
    if len(rows) > 1:
        raise errors.several_runs(given)
    if not rows:
        raise queue_errors.no_such_run(given)
    return str(rows[0]["id"])


async def read_run(database: Database, run_id: str) -> dict[str, Any] | None:
    """Return the backend's row of a run beside what the worker knows of it."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_RUN, run_id, LONGEST_SCHEMA_NAMES, MESSAGE_LIMIT)
    return dict(row) if row else None


async def recent_runs(
    database: Database, limit: int, *, status: str | None = None, contract: str | None = None
) -> list[dict[str, Any]]:
    """Return the newest runs of source 'dqx', the newest first: all, or those that are meant."""
    async with database.connection() as connection:
        rows = await connection.fetch(_RECENT, limit, MESSAGE_LIMIT, status, contract)
    return [dict(row) for row in rows]


async def read_tables(database: Database, run_id: str) -> list[dict[str, Any]]:
    """Return the progress of a run's tables, by schema name."""
    async with database.connection() as connection:
        return [dict(row) for row in await connection.fetch(_TABLES, run_id)]


async def read_summaries(database: Database, run_id: str) -> dict[str, Any]:
    """Return each table's part of summary_stats by schema name, with nothing left out."""
    async with database.connection() as connection:
        rows = await connection.fetch(_SUMMARIES, run_id)
    return {row["schema_name"]: json.loads(row["summary"]) for row in rows}


async def _role(database: Database) -> str:
    async with database.connection() as connection:
        return str(await connection.fetchval(_ROLE))
