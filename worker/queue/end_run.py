"""How a run ends, and how an attempt does: the one place that writes either.

Each function belongs into a transaction of the caller that has proved the lease. PROTOCOL.md lists
who calls them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from worker.database.pool import Connection
from worker.database.savepoint import savepoint
from worker.database.sql import load_sql
from worker.queue.channels import REQUEST_CHANNEL
from worker.queue.fallback_run_end import first_accepted
from worker.queue.run_progress import RunProgress
from worker.queue.run_result import RunResult
from worker.telemetry.text import bounded

__all__ = ["AttemptAt", "close_attempt", "end_run", "reopen_run"]

_END_RUN = load_sql(__package__, "end_run")
_LOCK_RUN = load_sql(__package__, "lock_any_run")
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
    tables: RunProgress,
    attempt: AttemptAt,
    ends: Sequence[RunResult],
    *,
    outcome: str | None = None,
    reason: str | None = None,
    skipped: str | None = None,
) -> RunResult | None:
    """End the run with the first of `ends` that Postgres accepts, and the attempt with it.

    Return that one, or None if the run is overruled. `outcome` and `reason` are the attempt's, by
    default those of the run. `skipped` is stored as the reason of the tables that have not ended;
    without it there are none.
    """
    if skipped is not None:
        await tables.skip_unfinished(transaction, attempt.run_id, skipped, ends=True)

    async def write(end: RunResult) -> bool:
        message = reason or end.error_message
        return bool(
            await transaction.fetchval(
                _END_RUN,
                attempt.run_id,
                attempt.job,
                attempt.number,
                end.status,
                end.summary_stats,
                end.error_message,
                outcome or end.status,
                message and bounded(message),
            )
        )

    async def write_in_part(end: RunResult) -> bool:
        async with savepoint(transaction, "The run's end could not be written"):
            return await write(end)

    if len(ends) == 1:
        accepted, ended = ends[0], await write(ends[0])
    else:
        # Until COMMIT no trigger or column can change: all ends are judged by the same rules.
        await transaction.fetchval(_LOCK_RUN, attempt.run_id, attempt.job)
        accepted, ended = await first_accepted(write_in_part, ends)
    if not ended:
        return None
    await tables.run_ended(transaction, attempt.run_id)
    return accepted


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

    It is not claimed again before `wait` is over, and with `next_alone` by a process of its own.
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
) -> None:
    """Write how the attempt ended; the run's row stays as it is."""
    message = reason and bounded(reason)
    await transaction.execute(_CLOSE_ATTEMPT, run_id, attempt, outcome, message, counts)
