"""Taking requests: the oldest first, each by one worker."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue.lease import Lease, lease_of
from worker.queue.options import QueueOptions

__all__ = ["ODD_DATES", "claim", "claimable_requests", "unknown_leases"]

_CLAIM = load_sql(__package__, "claim")
_UNKNOWN = load_sql(__package__, "claimed_unknown")
_CLAIMABLE = load_sql(__package__, "claimable")

ODD_DATES = (timedelta(minutes=5), timedelta(days=7))
"""How far ahead and how far back the date of a new request may lie before it is called odd."""


async def claim(database: Database, options: QueueOptions, free_slots: int) -> list[Lease]:
    """Take up to `free_slots` requests and return a lease on each."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            _CLAIM,
            free_slots,
            options.worker,
            options.claim_delay,
            options.lease,
            options.runs_per_contract,
            *ODD_DATES,
        )
    return [lease_of(row, database) for row in rows]


async def unknown_leases(
    database: Database, options: QueueOptions, known: Collection[UUID]
) -> list[Lease]:
    """Return the leases of this worker that are not `known`: of a claim whose answer got lost."""
    async with database.connection() as connection:
        rows = await connection.fetch(_UNKNOWN, options.worker, list(known))
    return [lease_of(row, database) for row in rows]


async def claimable_requests(database: Database) -> bool:
    """Tell whether a request is left that a worker could claim, now or later."""
    async with database.connection() as connection:
        return bool(await connection.fetchval(_CLAIMABLE))
