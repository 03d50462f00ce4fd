"""How a run ends, and how an attempt does: the one place that writes either.

Each function belongs into a transaction of the caller that has proved the lease. PROTOCOL.md lists
who calls them.
"""

from dataclasses import dataclass
from datetime import timedelta

from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.queue.channels import REQUEST_CHANNEL
from worker.queue.tables import Tables
from worker.queue.verdict import Verdict
from worker.telemetry.text import bounded

__all__ = ["AttemptAt", "close_attempt", "end_run", "reopen_run"]

_END_RUN = load_sql(__package__, "end_run")
_REOPEN_RUN = load_sql(__package__, "reopen_run")
_CLOSE_ATTEMPT = load_sql(__package__, "close_attempt")


@dataclass(frozen=True, slots=True)
class AttemptAt:
    """Which attempt at which run."""

    run_id: str
    number: int
    job: bool
    """Whether its lease is a job's: whatever the run's run_id is, it is the job's own."""


async def end_run(
    transaction: Connection,
    tables: Tables,
    attempt: AttemptAt,
    verdict: Verdict,
    *,
    outcome: str | None = None,
    reason: str | None = None,
    skipped: str | None = None,
) -> bool:
    """End the run with `verdict`, and the attempt with it; return False if it is overruled.

    `outcome` and `reason` are the attempt's, by default those of the run. `skipped` is stored as
    the reason of the tables that have not ended; without it there are none.
    """
    run_id = attempt.run_id
    if skipped is not None:
        await tables.skip_unfinished(transaction, run_id, skipped, ends=True)
    told = reason or verdict.error_message
    ended = await transaction.fetchval(
        _END_RUN,
        run_id,
        attempt.job,
        attempt.number,
        verdict.status,
        verdict.summary_stats,
        verdict.error_message,
        outcome or verdict.status,
        told and bounded(told),
    )
    if ended:
        await tables.run_ended(transaction, run_id)
    return bool(ended)


async def reopen_run(
    transaction: Connection,
    attempt: AttemptAt,
    *,
    outcome: str,
    reason: str,
    counts: bool,
    wait: timedelta | None = None,
    next_alone: bool = False,
) -> bool:
    """Make the run a request again and notify the workers; return False if it is overruled.

    The rest is as for `close_attempt`.
    """
    reopened = await transaction.fetchval(
        _REOPEN_RUN,
        attempt.run_id,
        attempt.job,
        attempt.number,
        outcome,
        bounded(reason),
        counts,
        wait,
        next_alone,
        REQUEST_CHANNEL,
    )
    return bool(reopened)


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
    """Write how the attempt ended; the run is not claimed again before `wait` is over.

    With `next_alone` it is claimed then by a process of its own.
    """
    told = reason and bounded(reason)
    await transaction.execute(
        _CLOSE_ATTEMPT, run_id, attempt, outcome, told, counts, wait, next_alone
    )
