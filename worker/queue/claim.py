"""Taking requests: the oldest first, each by one worker."""

import random
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from worker.database.errors import DatabaseError
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue.claimed_run import LONGEST_ID, LONGEST_SCHEMA_NAMES
from worker.queue.lease import Lease, lease_of
from worker.queue.options import QueueOptions
from worker.queue.set_aside_requests import set_refused_aside
from worker.telemetry.run_fields import RunFields, run_fields
from worker.telemetry.text import NAME_LIMIT

__all__ = [
    "ODD_DATES",
    "Claimed",
    "DueLastTry",
    "claim",
    "claim_last_try",
    "claimable_requests",
    "due_last_try",
    "unknown_leases",
]

_CLAIM = load_sql(__package__, "claim")
_UNKNOWN = load_sql(__package__, "claimed_unknown")
_CLAIMABLE = load_sql(__package__, "claimable")
_DUE_LAST_TRIES = load_sql(__package__, "due_last_tries")
_CLAIM_LAST_TRY = load_sql(__package__, "claim_last_try")

ODD_DATES = (timedelta(minutes=5), timedelta(days=7))
"""How far ahead and how far back the date of a new request may lie before it is called odd."""

_OLDEST = 10

# What is read of a request's texts: more of either is of no use.
_TEXTS = (LONGEST_SCHEMA_NAMES + 1, NAME_LIMIT)


class Claimed(list[Lease]):
    """The leases that a claim took, in the order of their requests."""

    requests_waited: bool
    """Whether any request waited before the claim: if not, there is nothing else to see to."""
    paused: bool
    """Whether an operator has paused all claims."""
    in_work: int
    """How many runs have a lease, if no request waited."""
    without_lease: int
    """How many runs are running and held by no worker, if no request waited."""


async def claim(database: Database, options: QueueOptions, free_slots: int) -> Claimed:
    """Take up to `free_slots` requests and return a lease on each.

    Requests that Postgres refuses to change are set aside, and the others are claimed.
    """
    try:
        return await _claim(database, options, free_slots)
    except DatabaseError as error:
        if not await set_refused_aside(database, options, free_slots, error):
            raise
    return await _claim(database, options, free_slots)


async def _claim(database: Database, options: QueueOptions, free_slots: int) -> Claimed:
    asked = time.monotonic()
    async with database.connection() as connection:
        rows = await connection.fetch(
            _CLAIM,
            free_slots,
            options.worker,
            options.claim_delay,
            options.lease,
            options.runs_per_contract,
            *ODD_DATES,
            LONGEST_ID,
            *_TEXTS,
        )
    claimed = Claimed(lease_of(row, database) for row in rows if row["id"] is not None)
    for lease in claimed:
        lease.asked = asked
    claimed.requests_waited = rows[0]["waiting"]
    claimed.paused = rows[0]["paused"]
    claimed.in_work, claimed.without_lease = rows[0]["in_work"], rows[0]["without_lease"]
    return claimed


async def unknown_leases(
    database: Database, options: QueueOptions, known: Collection[UUID]
) -> list[Lease]:
    """Return the leases of this worker that are not `known`: of a claim whose answer got lost."""
    async with database.connection() as connection:
        rows = await connection.fetch(_UNKNOWN, options.worker, list(known), *_TEXTS)
    return [lease_of(row, database) for row in rows]


@dataclass(frozen=True, slots=True)
class DueLastTry:
    """A run whose last try is due, and the number of that attempt."""

    id: str
    contract_id: str
    triggered_by: str | None
    attempt: int

    @property
    def log_fields(self) -> RunFields:
        """What every log line about this attempt has."""
        return run_fields(self.id, self.contract_id, self.attempt, self.triggered_by)


async def due_last_try(database: Database) -> DueLastTry | None:
    """Return a run whose last try is due, which has cost a worker and gets a process of its own.

    It is one of the oldest, at random: the workers look at the same time.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(_DUE_LAST_TRIES, _OLDEST, NAME_LIMIT)
    return DueLastTry(**random.choice(rows)) if rows else None  # noqa: S311


async def claim_last_try(database: Database, options: QueueOptions, run_id: str) -> Lease | None:
    """Take the run whose last try is due; None if it is not due, or another process has it."""
    async with database.connection() as connection:
        row = await connection.fetchrow(
            _CLAIM_LAST_TRY, run_id, options.worker, options.lease, *_TEXTS
        )
    return None if row is None else lease_of(row, database)


async def claimable_requests(database: Database) -> bool:
    """Return whether a request is left that a worker could claim, now or later."""
    async with database.connection() as connection:
        return bool(await connection.fetchval(_CLAIMABLE))
