"""What the holder of a lease does last: the run's row, the attempt's and the lease, at once."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from worker.database.outage import through_outages
from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.queue import errors
from worker.queue.end_run import AttemptAt, close_attempt, end_run, reopen_run
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.run_progress import RunProgress
from worker.queue.run_result import RunResult, RunStatus

__all__ = [
    "OVERRULED",
    "cancel_run",
    "close_overruled",
    "close_stuck",
    "finish",
    "finish_cancelled",
    "foresee_cancelled",
    "give_back",
    "postpone",
    "requested_cancel",
]

T = TypeVar("T")

_CLOSED_AS = load_sql(__package__, "attempt_outcome")
_DROP_LEASE = load_sql(__package__, "drop_lease")
_PROVE_RUN = load_sql(__package__, "prove_run")

_NOTHING_DROPPED = "DELETE 0"
OVERRULED = "the run's row was changed or deleted by another program"


async def finish(
    lease: Lease, tables: RunProgress, *ends: RunResult, skipped: str | None = None
) -> RunResult:
    """End the run with the first of `ends` that Postgres accepts, and return that one.

    `skipped` is why tables that have not ended are skipped; without it there are none. Safe to
    call again if the answer to a first call got lost.
    Raises `LeaseLost`, `RunOverruled` or `RunCancelled`, and then nothing is written.
    """

    async def end(transaction: Connection) -> RunResult:
        statuses = [end.status for end in ends]
        if (earlier := await _closed_as(transaction, lease, *statuses)) is not None:
            return ends[statuses.index(RunStatus(earlier))]
        accepted = await end_run(transaction, tables, _attempt_of(lease), ends, skipped=skipped)
        if accepted is None:
            raise await _unwritten(transaction, lease)
        await _drop(transaction, lease)
        return accepted

    return await _closing(lease, end)


async def finish_cancelled(
    lease: Lease, tables: RunProgress, *ends: RunResult, words: str
) -> RunResult:
    """End the run, whose cancel an operator requested in these words.

    The rest is as for `finish`. Raises `LeaseLost` or `RunOverruled`.
    """

    async def end(transaction: Connection) -> RunResult:
        if await _closed_as(transaction, lease, "cancelled", cancelling=True):
            return ends[0]
        accepted = await end_run(
            transaction,
            tables,
            _attempt_of(lease),
            ends,
            outcome="cancelled",
            reason=words,
            skipped=words,
        )
        if accepted is None:
            raise await _unwritten(transaction, lease)
        await _drop(transaction, lease, cancelling=True)
        return accepted

    return await _closing(lease, end)


async def foresee_cancelled(
    lease: Lease, tables: RunProgress, words: str, status: str
) -> RunResult:
    """Return how the run ends as cancelled; `status` is what the backend is to see."""
    foreseen = await through_outages(
        lambda: tables.foresee(lease.database, lease.run.id, lease.attempt, words)
    )
    return RunResult(RunStatus(status), foreseen.run_result.summary_stats, words)


async def cancel_run(lease: Lease, tables: RunProgress, status: str) -> str:
    """End the run as the operator's words in the lease say; return them. Safe to call again.

    Raises `LeaseLost` or `RunOverruled`, and then nothing is written.
    """
    words = await requested_cancel(lease)
    run_result = await foresee_cancelled(lease, tables, words, status)
    await finish_cancelled(lease, tables, run_result, words=words)
    return words


async def requested_cancel(lease: Lease) -> str:
    """Return the words of the cancel that is requested for the run. Raises `LeaseLost`."""
    if lease.cancelled is not None:
        return lease.cancelled

    async def read(transaction: Connection) -> str:
        if await _closed_as(transaction, lease, "cancelled", cancelling=True):
            row = await transaction.fetchrow(_CLOSED_AS, lease.run.id, lease.attempt)
            return (row and row["reason"]) or ""
        return lease.cancelled or ""

    return await _closing(lease, read)


async def give_back(lease: Lease, tables: RunProgress, reason: str) -> None:
    """Make the run a request again; the attempt does not count.

    Raises `LeaseLost`, `RunOverruled` or `RunCancelled`, and then nothing is written.
    """
    await _reopen(lease, tables, "given_back", reason, counts=False, wait=None)


async def postpone(lease: Lease, tables: RunProgress, reason: str, wait: timedelta) -> None:
    """Make the run a request again for after `wait`; the attempt counts.

    Raises as `give_back` does.
    """
    await _reopen(lease, tables, "postponed", reason, counts=True, wait=wait)


async def close_overruled(lease: Lease, tables: RunProgress) -> None:
    """Close what is ours of a run that was decided by another program; its row stays as it is."""

    async def close(transaction: Connection) -> None:
        await lease.prove(transaction, cancelling=True)
        await tables.skip_unfinished(transaction, lease.run.id, OVERRULED, ends=False)
        await _close_attempt(transaction, lease, "overruled", OVERRULED, counts=False)

    await _without_the_run(lease, close)


async def close_stuck(lease: Lease, reason: str) -> None:
    """Close the attempt and the lease of a run whose end Postgres refuses in every form.

    The run's row stays as it is.
    """

    async def close(transaction: Connection) -> None:
        await lease.prove(transaction, cancelling=True)
        await _close_attempt(transaction, lease, "stuck", reason, counts=True)

    await _without_the_run(lease, close)


async def _close_attempt(
    transaction: Connection, lease: Lease, outcome: str, reason: str, *, counts: bool
) -> None:
    await close_attempt(
        transaction, lease.run.id, lease.attempt, outcome=outcome, reason=reason, counts=counts
    )
    await _drop(transaction, lease, cancelling=True)


async def _without_the_run(lease: Lease, close: Callable[[Connection], Awaitable[None]]) -> None:
    with suppress(LeaseLost):
        await _closing(lease, close)


async def _reopen(
    lease: Lease,
    tables: RunProgress,
    outcome: str,
    reason: str,
    *,
    counts: bool,
    wait: timedelta | None,
) -> None:
    async def reopen(transaction: Connection) -> None:
        if await _closed_as(transaction, lease, outcome):
            return
        await tables.forget_unfinished(transaction, lease.run.id)
        reopened = await reopen_run(
            transaction,
            _attempt_of(lease),
            outcome=outcome,
            reason=reason,
            counts=counts,
            wait=wait,
        )
        if not reopened:
            raise await _unwritten(transaction, lease)
        await _drop(transaction, lease)

    await _closing(lease, reopen)


async def _closing(lease: Lease, work: Callable[[Connection], Awaitable[T]]) -> T:
    lease.closing = True
    return await through_outages(lambda: lease.database.run(work))


async def _closed_as(
    transaction: Connection, lease: Lease, *outcomes: str, cancelling: bool = False
) -> str | None:
    """Prove the lease; if an earlier call, whose answer got lost, closed it, return with what.

    Raises as `Lease.prove` does, `LeaseLost` too if it was closed with none of `outcomes`.
    """
    try:
        await lease.prove(transaction, cancelling=cancelling)
    except LeaseLost:
        row = await transaction.fetchrow(_CLOSED_AS, lease.run.id, lease.attempt)
        if row is None or row["outcome"] not in outcomes:
            raise
        return str(row["outcome"])
    return None


def _attempt_of(lease: Lease) -> AttemptAt:
    return AttemptAt(lease.run.id, lease.attempt, lease.job)


async def _unwritten(transaction: Connection, lease: Lease) -> Exception:
    """Return why an UPDATE of the run changed nothing: it is overruled, if it is not ours."""
    if await transaction.fetchval(_PROVE_RUN, lease.run.id, lease.job):
        return errors.update_suppressed()
    return RunOverruled(f"run {lease.run.id} is no longer 'running'")


async def _drop(transaction: Connection, lease: Lease, *, cancelling: bool = False) -> None:
    """Drop the lease, as the last statement before COMMIT."""
    dropped = await transaction.execute(_DROP_LEASE, lease.run.id, lease.token, cancelling)
    if dropped == _NOTHING_DROPPED:
        # Between the proof and here: it beats what has not committed.
        raise RunCancelled("the run was cancelled while its end was written")
