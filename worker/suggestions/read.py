"""Reads a run's suggestions, for the command line."""

from typing import Any

from worker.database.pool import Database
from worker.database.sql import load_sql

__all__ = ["read_suggestions"]

_OF_RUN = load_sql(__package__, "of_run")


async def read_suggestions(database: Database, run_id: str) -> list[dict[str, Any]]:
    """Return the suggestions of a run by schema name and property."""
    async with database.connection() as connection:
        return [dict(row) for row in await connection.fetch(_OF_RUN, run_id)]
