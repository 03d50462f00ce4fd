"""The queue and its workers, as the views of the worker's schema show them."""

from datetime import timedelta
from typing import Any

from worker.database.pool import Database
from worker.database.sql import load_sql

__all__ = ["read_queue", "read_workers"]

_QUEUE = load_sql(__package__, "queue_status")
_WORKERS = load_sql(__package__, "workers")
_SEEN_WITHIN = timedelta(days=1)


async def read_queue(database: Database) -> dict[str, Any]:
    """Return the row of the view `queue_status`."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_QUEUE)
    assert row is not None  # noqa: S101 - the view always has a row
    return dict(row)


async def read_workers(database: Database, limit: int) -> list[dict[str, Any]]:
    """Return the workers that were seen within the last day: alive, silent, lost and stopped."""
    async with database.connection() as connection:
        return [dict(row) for row in await connection.fetch(_WORKERS, _SEEN_WITHIN, limit)]
