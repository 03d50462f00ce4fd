"""How much waits and is in work, as the last look at the queue found it."""

import time
from dataclasses import dataclass, field

from worker.database.pool import Database
from worker.database.sql import load_sql

__all__ = ["QueueDepth", "queue_depth"]

_DEPTH = load_sql(__package__, "queue_depth")


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """The whole queue, of all workers."""

    waiting: int
    oldest: float
    """Seconds for which the oldest request has waited; 0 if none waits."""
    in_work: int
    without_lease: int
    """Runs that are running and held by no worker."""
    paused: bool
    """Whether an operator has paused all claims."""
    looked_at: float = field(default_factory=time.time)
    """By the wall clock, in seconds since 1970."""


async def queue_depth(database: Database) -> QueueDepth:
    """Look at the queue."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_DEPTH)
    assert row is not None  # noqa: S101 - an aggregate has one row
    return QueueDepth(
        row["waiting"],
        row["oldest"].total_seconds(),
        row["in_work"],
        row["without_lease"],
        row["paused"],
    )
