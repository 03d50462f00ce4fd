"""What others see of a worker's presence: that it has stopped, rests, or keeps house for all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import anyio

from worker.database.errors import DatabaseError
from worker.database.pool import Database
from worker.database.sql import load_sql

__all__ = ["note_rest", "noted_stop", "takes_maintenance"]

_STOP = load_sql(__package__, "stop_worker")
_REST = load_sql(__package__, "rest_worker")
_MAINTENANCE = load_sql(__package__, "take_maintenance")
# Seconds of a grace period.
_LONGEST_NOTE = 1.0


@asynccontextmanager
async def noted_stop(database: Database, worker: str) -> AsyncIterator[None]:
    """Note at the end of the block that the worker has stopped, if the database takes it soon.

    If it does not, the worker counts as silent.
    """
    try:
        yield
    finally:
        with anyio.move_on_after(_LONGEST_NOTE, shield=True), suppress(DatabaseError):
            async with database.connection() as connection:
                await connection.execute(_STOP, worker)


async def note_rest(database: Database, worker: str, length: timedelta) -> None:
    """Note that the worker is not heard from for so long, and yet alive."""
    with suppress(DatabaseError):
        async with database.connection() as connection:
            await connection.execute(_REST, worker, length)


async def takes_maintenance(database: Database, worker: str) -> bool:
    """Return whether the worker keeps house for all, which another one that is alive may do."""
    async with database.connection() as connection:
        return bool(await connection.fetchval(_MAINTENANCE, worker))
