"""A cancel request is stored on the lease, so it outlives the worker that has to act on it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue import errors as queue_errors
from worker.queue.channels import CANCEL_CHANNEL
from worker.queue.claimed_run import LONGEST_ID
from worker.queue.finish_lease import cancel_run
from worker.queue.lease import LeaseLost, RunOverruled, lease_of
from worker.queue.options import QueueOptions
from worker.queue.rescue_run import rescue_run
from worker.queue.run_progress import RunProgress
from worker.runs import errors
from worker.runs.requests import read_run

__all__ = ["OPEN", "CancelRequested", "cancel"]

_REQUEST = load_sql(__package__, "request_cancel")
_CLAIM = load_sql(__package__, "claim_to_cancel")
_NOTIFY = load_sql(__package__, "notify")

OPEN = ("pending", "running")
"""The statuses of a run that has not ended."""
_TRIES = 5


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """The run ends in these `words`. `worker` is to end it; None if it has ended by now."""

    words: str
    worker: str | None


async def cancel(
    database: Database,
    options: QueueOptions,
    tables: RunProgress,
    run_id: str,
    words: str,
    *,
    statuses: Collection[str] = OPEN,
) -> CancelRequested:
    """Cancel a run that is waiting or in work; if no worker works on it, end it here.

    A run that has none of the `statuses` is left alone. Raises `RunUnclaimable`, `RunEnded` among
    them, if there is nothing to cancel.
    """

    async def request(transaction: Connection) -> Any:
        row = await transaction.fetchrow(_REQUEST, run_id, words)
        if row is not None:
            await transaction.execute(_NOTIFY, CANCEL_CHANNEL)
        return row

    # Between two looks the run may be claimed or given back; not for ever.
    for _ in range(_TRIES):
        held = await database.run(request) if "running" in statuses else None
        if held is not None:
            # If its worker died, the run can be ended here.
            ended = held["expired"] and await rescue_run(
                database, run_id, options, tables, only=held["token"]
            )
            return CancelRequested(held["cancel_requested"], None if ended else held["worker"])
        row = await _claim(database, options, run_id, words) if "pending" in statuses else None
        if row is not None:
            lease = replace(lease_of(row, database), cancelled=words)
            try:
                await cancel_run(lease, tables, options.cancelled_status)
            except (LeaseLost, RunOverruled):
                continue
            return CancelRequested(words, worker=None)
        await _refuse(database, run_id, statuses)
    raise errors.run_changes(run_id)


async def _claim(database: Database, options: QueueOptions, run_id: str, words: str) -> Any:
    async with database.transaction() as transaction:
        return await transaction.fetchrow(
            _CLAIM, run_id, options.worker, options.lease, words, LONGEST_ID
        )


async def _refuse(database: Database, run_id: str, statuses: Collection[str]) -> None:
    """Raise what keeps the run from being cancelled, if that will not pass."""
    run = await read_run(database, run_id)
    if run is None:
        raise queue_errors.no_such_run(run_id)
    if run["source"] != "dqx":
        raise queue_errors.another_source(run_id, run["source"])
    if run["status"] not in OPEN:
        message = f" ({run['error_message']})" if run["error_message"] else ""
        raise queue_errors.run_ended(run_id, run["status"], message)
    if run["status"] not in statuses:
        raise errors.status_changed(run_id, run["status"])
    if max(len(run_id.encode()), len(run["contract_id"].encode())) > LONGEST_ID:
        raise queue_errors.unleasable(run_id)
    if run["status"] == "running" and run["holder"] is None:
        raise errors.unheld_run(run_id)
    if run["status"] == "pending" and run["job"] is not None:
        raise errors.a_jobs_run(run_id, run["job"])
