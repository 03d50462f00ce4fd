"""The end of an attempt: the run's status, the attempt's row and the lease, in one transaction."""

from dataclasses import dataclass
from enum import StrEnum

from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.queue.lease import Lease, LeaseLost, RunOverruled

__all__ = ["RunStatus", "Verdict", "close_overruled", "finish", "give_back"]

_LOCK_RUN = load_sql(__package__, "lock_run")
_END_RUN = load_sql(__package__, "end_run")
_REOPEN_RUN = load_sql(__package__, "reopen_run")
_CLOSE_ATTEMPT = load_sql(__package__, "close_attempt")
_CLOSED_AS = load_sql(__package__, "attempt_outcome")
_DROP_LEASE = load_sql(__package__, "drop_lease")


class RunStatus(StrEnum):
    """The statuses that end a run."""

    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run ends. `summary_stats` is JSON; a failed run has an `error_message`."""

    status: RunStatus
    summary_stats: str
    error_message: str | None = None


async def finish(lease: Lease, verdict: Verdict) -> None:
    """End the run. Safe to call again where a first call's answer got lost.

    Raises `LeaseLost` or `RunOverruled`, and then nothing is written.
    """
    lease.closing = True

    async def end(transaction: Connection) -> None:
        if await transaction.fetchval(_CLOSED_AS, lease.run.id, lease.attempt) == verdict.status:
            return
        await _lock(transaction, lease)
        await transaction.execute(
            _END_RUN, lease.run.id, verdict.status, verdict.summary_stats, verdict.error_message
        )
        await _close(
            transaction, lease, outcome=verdict.status, reason=verdict.error_message, counts=True
        )

    await lease.database.run(end)


async def give_back(lease: Lease, reason: str) -> None:
    """Make the run a request again; the attempt does not count.

    Raises `LeaseLost` or `RunOverruled`, and then nothing is written.
    """
    lease.closing = True

    async def reopen(transaction: Connection) -> None:
        await _lock(transaction, lease)
        await transaction.execute(_REOPEN_RUN, lease.run.id)
        await _close(transaction, lease, outcome="given_back", reason=reason, counts=False)

    await lease.database.run(reopen)


async def close_overruled(lease: Lease) -> None:
    """Close what is ours of a run that somebody else decided; their row is left as it is."""

    async def close(transaction: Connection) -> None:
        await lease.prove(transaction)
        await _close(
            transaction,
            lease,
            outcome="overruled",
            reason="the run's row was changed or deleted by somebody else",
            counts=False,
        )

    try:
        await lease.database.run(close)
    except LeaseLost:
        return


async def _lock(transaction: Connection, lease: Lease) -> None:
    await lease.prove(transaction)
    if not await transaction.fetchval(_LOCK_RUN, lease.run.id, lease.job):
        raise RunOverruled(f"run {lease.run.id} is no longer 'running'")


async def _close(
    transaction: Connection, lease: Lease, *, outcome: str, reason: str | None, counts: bool
) -> None:
    await transaction.execute(_CLOSE_ATTEMPT, lease.run.id, lease.attempt, outcome, reason, counts)
    await transaction.execute(_DROP_LEASE, lease.run.id, lease.token)
