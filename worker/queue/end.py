"""How a run ends, and how an attempt does: the one place that writes either.

Each function belongs into a transaction of its caller's that has proved the lease and locked the
run's row. PROTOCOL.md lists who calls them.
"""

from datetime import timedelta

from worker.database.pool import Connection
from worker.database.sql import load_sql
from worker.queue.channels import REQUEST_CHANNEL
from worker.queue.tables import Tables
from worker.queue.verdict import Verdict
from worker.telemetry.text import bounded

__all__ = ["close_attempt", "end_run", "reopen_run"]

_END_RUN = load_sql(__package__, "end_run")
_REOPEN_RUN = load_sql(__package__, "reopen_run")
_CLOSE_ATTEMPT = load_sql(__package__, "close_attempt")
_NOTIFY = load_sql(__package__, "notify")


async def end_run(
    transaction: Connection,
    tables: Tables,
    run_id: str,
    attempt: int,
    verdict: Verdict,
    *,
    outcome: str | None = None,
    reason: str | None = None,
    skipped: str | None = None,
) -> None:
    """End the run with `verdict`, and the attempt with it.

    `outcome` and `reason` are the attempt's, by default those of the run. `skipped` is stored as
    the reason of the tables that have not ended; without it there are none.
    """
    if skipped is not None:
        await tables.skip_unfinished(transaction, run_id, skipped, ends=True)
    await transaction.execute(
        _END_RUN, run_id, verdict.status, verdict.summary_stats, verdict.error_message
    )
    await close_attempt(
        transaction,
        run_id,
        attempt,
        outcome=outcome or verdict.status,
        reason=reason or verdict.error_message,
        counts=True,
    )
    await tables.run_ended(transaction, run_id)


async def reopen_run(transaction: Connection, run_id: str) -> None:
    """Make the run a request again and notify the workers."""
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
    """Write how the attempt ended; the run is not claimed again before `wait` is over.

    With `next_alone` its worker must not have another run then.
    """
    told = reason and bounded(reason)
    await transaction.execute(
        _CLOSE_ATTEMPT, run_id, attempt, outcome, told, counts, wait, next_alone
    )
