"""What the holder of a lease does last: the run's row, the attempt's and the lease, at once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from worker.database.outage import through_outages
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.queue.end import close_attempt, end_as_cancelled, end_run, reopen_run
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.tables import Tables
from worker.queue.verdict import Verdict

__all__ = [
    "OVERRULED",
    "cancel_run",
    "close_overruled",
    "finish",
    "give_back",
    "postpone",
]

T = TypeVar("T")

_LOCK_RUN = load_sql(__package__, "lock_run")
_CLOSED_AS = load_sql(__package__, "attempt_outcome")
_DROP_LEASE = load_sql(__package__, "drop_lease")

_NOTHING_DROPPED = "DELETE 0"
OVERRULED = "the run's row was changed or deleted by somebody else"


async def finish(lease: Lease, tables: Tables, verdict: Verdict) -> None:
    """End the run. Safe to call again where a first call's answer got lost.

    Raises `LeaseLost`, `RunOverruled` or `RunCancelled`, and then nothing is written.
    """

    async def end(transaction: Connection) -> None:
        if await _is_closed_as(transaction, lease, verdict.status):
            return
        await lease.prove(transaction)
        await _lock(transaction, lease)
        await end_run(transaction, tables, lease.run.id, lease.attempt, verdict)
        await _drop(transaction, lease)

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
        await end_as_cancelled(
            transaction, tables, lease.run.id, lease.attempt, words, status=status
        )
        await _drop(transaction, lease, cancelling=True)
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
        await close_attempt(
            transaction,
            lease.run.id,
            lease.attempt,
            outcome="overruled",
            reason=OVERRULED,
            counts=False,
        )
        await _drop(transaction, lease, cancelling=True)

    try:
        await lease.database.run(close)
    except LeaseLost:
        return


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
        await close_attempt(
            transaction,
            lease.run.id,
            lease.attempt,
            outcome=outcome,
            reason=reason,
            counts=counts,
            wait=wait,
        )
        await _drop(transaction, lease)

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


async def _drop(transaction: Connection, lease: Lease, *, cancelling: bool = False) -> None:
    """Drop the lease, as the last statement before COMMIT."""
    dropped = await transaction.execute(_DROP_LEASE, lease.run.id, lease.token, cancelling)
    if dropped == _NOTHING_DROPPED:
        # Between the proof and here: it beats what has not committed.
        raise RunCancelled("the run was cancelled while its end was written")
