"""Taking requests: the oldest first, each by one worker."""

from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.queue.run import Run

__all__ = ["claim", "claimable_requests"]

_CLAIM = load_sql(__package__, "claim")
_CLAIMABLE = load_sql(__package__, "claimable")


async def claim(database: Database, options: QueueOptions, free_slots: int) -> list[Lease]:
    """Take up to `free_slots` requests and return a lease on each."""
    async with database.transaction() as transaction:
        rows = await transaction.fetch(
            _CLAIM, free_slots, options.worker, options.claim_delay, options.lease
        )
    return [
        Lease(
            run=Run(
                id=row["id"],
                contract_id=row["contract_id"],
                schema_names=row["schema_names"],
                triggered_by=row["triggered_by"],
                age=row["age"],
            ),
            attempt=row["attempt"],
            token=row["token"],
            database=database,
        )
        for row in rows
    ]


async def claimable_requests(database: Database) -> bool:
    """Tell whether a request is left that a worker could claim, now or later."""
    async with database.connection() as connection:
        return bool(await connection.fetchval(_CLAIMABLE))
