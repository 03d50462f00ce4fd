"""The end of an attempt: the run's status, the attempt's row and the lease, in one transaction."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from worker.database.outage import through_outages
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.queue.channels import REQUEST_CHANNEL
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.tables import Tables
from worker.queue.verdict import RunStatus, Verdict

__all__ = [
    "OVERRULED",
    "cancel_run",
    "close_attempt",
    "close_overruled",
    "end_run",
    "finish",
    "give_back",
    "postpone",
    "reopen_run",
]

T = TypeVar("T")

_LOCK_RUN = load_sql(__package__, "lock_run")
_END_RUN = load_sql(__package__, "end_run")
_REOPEN_RUN = load_sql(__package__, "reopen_run")
_CLOSE_ATTEMPT = load_sql(__package__, "close_attempt")
_CLOSED_AS = load_sql(__package__, "attempt_outcome")
_DROP_LEASE = load_sql(__package__, "drop_lease")
_NOTIFY = load_sql(__package__, "notify")

_NOTHING_DROPPED = "DELETE 0"
OVERRULED = "the run's row was changed or deleted by somebody else"


async def finish(lease: Lease, verdict: Verdict) -> None:
    """End the run. Safe to call again where a first call's answer got lost.

    Raises `LeaseLost`, `RunOverruled` or `RunCancelled`, and then nothing is written.
    """

    async def end(transaction: Connection) -> None:
        if await _is_closed_as(transaction, lease, verdict.status):
            return
        await lease.prove(transaction)
        await _lock(transaction, lease)
        await end_run(transaction, lease.run.id, verdict)
        await _close(
            transaction, lease, outcome=verdict.status, reason=verdict.error_message, counts=True
        )

    await _closing(lease, end)


async def cancel_run(lease: Lease, tables: Tables, status: str) -> str:
    """End the run as the operator's words in the lease say; return them. Safe to call again.

    Raises `LeaseLost` or `RunOverruled`, and then nothing is written.
    """

    async def end(transaction: Connection) -> str:
        if (words := await _words_of_end(transaction, lease)) is not None:
            return words
        words = await lease.prove(transaction, cancelling=True) or ""
        await _lock(transaction, lease)
        told = await tables.end(transaction, lease.run.id, lease.attempt, words)
        await end_run(
            transaction, lease.run.id, Verdict(RunStatus(status), told.summary_stats, words)
        )
        await _close(
            transaction, lease, outcome="cancelled", reason=words, counts=True, cancelling=True
        )
        return words

    return await _closing(lease, end)


async def give_back(lease: Lease, tables: Tables, reason: str) -> None:
    """Make the run a request again; the attempt does not count.

    Raises `LeaseLost`, `RunOverruled` or `RunCancelled`, and then nothing is written.
    """
    await _reopen(lease, tables, "given_back", reason, counts=False, wait=None)


async def postpone(lease: Lease, tables: Tables, reason: str, wait: timedelta) -> None:
    """Make the run a request again for after `wait`; the attempt counts.

    Raises as `give_back` does.
    """
    await _reopen(lease, tables, "postponed", reason, counts=True, wait=wait)


async def close_overruled(lease: Lease, tables: Tables) -> None:
    """Close what is ours of a run that somebody else decided; their row is left as it is."""
    lease.closing = True

    async def close(transaction: Connection) -> None:
        await lease.prove(transaction, cancelling=True)
        await tables.skip_unfinished(transaction, lease.run.id, OVERRULED)
        await _close(
            transaction, lease, outcome="overruled", reason=OVERRULED, counts=False, cancelling=True
        )

    try:
        await lease.database.run(close)
    except LeaseLost:
        return


async def end_run(transaction: Connection, run_id: str, verdict: Verdict) -> None:
    """Write how the run ends; its row has to be locked."""
    await transaction.execute(
        _END_RUN, run_id, verdict.status, verdict.summary_stats, verdict.error_message
    )


async def reopen_run(transaction: Connection, run_id: str) -> None:
    """Make the run a request again, and tell the workers; its row has to be locked."""
    await transaction.execute(_REOPEN_RUN, run_id)
    await transaction.execute(_NOTIFY, REQUEST_CHANNEL)


async def close_attempt(
    transaction: Connection,
    run_id: str,
    attempt: int,
    *,
    outcome: str,
    reason: str | None,
    counts: bool,
    wait: timedelta | None = None,
    next_alone: bool = False,
) -> None:
    """Write how the attempt ended; the run is not to be tried again before `wait` is over.

    With `next_alone` its worker has to have no other run then.
    """
    await transaction.execute(
        _CLOSE_ATTEMPT, run_id, attempt, outcome, reason, counts, wait, next_alone
    )


async def _reopen(
    lease: Lease, tables: Tables, outcome: str, reason: str, *, counts: bool, wait: timedelta | None
) -> None:
    async def reopen(transaction: Connection) -> None:
        if await _is_closed_as(transaction, lease, outcome):
            return
        await lease.prove(transaction)
        await _lock(transaction, lease)
        await reopen_run(transaction, lease.run.id)
        await tables.forget_unfinished(transaction, lease.run.id)
        await _close(transaction, lease, outcome=outcome, reason=reason, counts=counts, wait=wait)

    await _closing(lease, reopen)


async def _closing(lease: Lease, work: Callable[[Connection], Awaitable[T]]) -> T:
    lease.closing = True
    return await through_outages(lambda: lease.database.run(work))


async def _is_closed_as(transaction: Connection, lease: Lease, outcome: str) -> bool:
    """Tell whether an earlier call has done it, whose answer got lost."""
    row = await transaction.fetchrow(_CLOSED_AS, lease.run.id, lease.attempt)
    return row is not None and row["outcome"] == outcome


async def _words_of_end(transaction: Connection, lease: Lease) -> str | None:
    """Return with which words an earlier call has cancelled the run."""
    row = await transaction.fetchrow(_CLOSED_AS, lease.run.id, lease.attempt)
    return row["reason"] if row is not None and row["outcome"] == "cancelled" else None


async def _lock(transaction: Connection, lease: Lease) -> None:
    if not await transaction.fetchval(_LOCK_RUN, lease.run.id, lease.job):
        raise RunOverruled(f"run {lease.run.id} is no longer 'running'")


async def _close(
    transaction: Connection,
    lease: Lease,
    *,
    outcome: str,
    reason: str | None,
    counts: bool,
    wait: timedelta | None = None,
    cancelling: bool = False,
) -> None:
    await close_attempt(
        transaction,
        lease.run.id,
        lease.attempt,
        outcome=outcome,
        reason=reason,
        counts=counts,
        wait=wait,
    )
    dropped = await transaction.execute(_DROP_LEASE, lease.run.id, lease.token, cancelling)
    if dropped == _NOTHING_DROPPED:
        # Between the proof and here: it beats what has not committed.
        raise RunCancelled("the run was cancelled while its end was written")
