"""Taking the one run that a job is launched for."""

import random
import time
from datetime import timedelta
from typing import Any

import anyio

from worker.database.errors import DatabaseConflict
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue import errors
from worker.queue.claimed_run import LONGEST_ID, Run
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.telemetry.text import MESSAGE_LIMIT, NAME_LIMIT

__all__ = ["claim_run"]

_DROP_EXPIRED = load_sql(__package__, "drop_expired_lease")
_CLAIM_RUN = load_sql(__package__, "claim_run")
_CLAIMED_BY = load_sql(__package__, "claimed_by")

_PAUSE = 0.5


Row = dict[str, Any]


class _NotNow(Exception):
    """Another worker is in the way: what was done for the claim is undone."""


async def claim_run(
    database: Database,
    options: QueueOptions,
    *,
    run_id: str,
    contract_id: str,
    schema_names: str,
    patience: timedelta,
) -> Lease:
    """Take a run that is `pending` or `running` and has no live lease; wait for one to close.

    `schema_names` are the launcher's, as JSON. Waits for `patience`. Raises `RunEnded`, at once,
    and `RunUnclaimable`.
    """
    if max(len(run_id.encode()), len(contract_id.encode())) > LONGEST_ID:
        raise errors.unleasable(run_id)
    give_up = time.monotonic() + patience.total_seconds()
    while True:
        last = time.monotonic() >= give_up
        row = await _try(database, options, run_id, contract_id)
        if row is None:
            row = await _in_the_way(database, run_id, contract_id)
        # Its own if the answer to an earlier claim got lost: no other process has this name.
        if row["worker"] == options.worker:
            run = Run(
                run_id, contract_id, schema_names, row["triggered_by"], row["age"] or timedelta(0)
            )
            return Lease(run, row["attempt"], row["token"], database, job=True)
        if last:
            holder = row["worker"] or "somebody else"
            raise errors.run_busy(run_id, holder, f"{patience.total_seconds():g}")
        await anyio.sleep(_PAUSE * random.uniform(0.8, 1.2))  # noqa: S311


async def _try(
    database: Database, options: QueueOptions, run_id: str, contract_id: str
) -> Row | None:
    """Return the claimed run with its lease; None if another worker is in the way."""
    try:
        async with database.transaction() as transaction:
            await transaction.execute(
                _DROP_EXPIRED, run_id, f"its lease expired; {options.worker} took the run"
            )
            row = await transaction.fetchrow(
                _CLAIM_RUN, run_id, contract_id, options.worker, options.lease, NAME_LIMIT
            )
            if row is None:
                # The expired lease is there again: a run without any would be held by no worker.
                raise _NotNow
            return dict(row)
    except (_NotNow, DatabaseConflict):
        return None


async def _in_the_way(database: Database, run_id: str, contract_id: str) -> Row:
    """Return how the run stands, and who holds it. Raises what makes waiting for them vain."""
    async with database.connection() as connection:
        row = await connection.fetchrow(_CLAIMED_BY, run_id, MESSAGE_LIMIT, NAME_LIMIT)
    if row is None:
        raise errors.no_such_run(run_id)
    if row["contract_id"] != contract_id:
        raise errors.another_contracts_run(run_id, row["contract_id"], contract_id)
    if row["source"] != "dqx":
        raise errors.another_source(run_id, row["source"])
    if row["status"] not in ("pending", "running"):
        message = f" ({row['error_message']})" if row["error_message"] else ""
        raise errors.run_ended(run_id, row["status"], message)
    return dict(row)
