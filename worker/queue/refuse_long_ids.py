"""Ending the requests that no worker can ever have a lease on."""

from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue.claimed_run import LONGEST_ID
from worker.queue.options import QueueOptions
from worker.queue.run_result import RunResult
from worker.telemetry.run_fields import RunFields, run_fields
from worker.telemetry.text import NAME_LIMIT

__all__ = ["refuse_unleasable"]

_REFUSE = load_sql(__package__, "refuse")
_AT_MOST = 100


async def refuse_unleasable(
    database: Database, options: QueueOptions, run_result: RunResult
) -> list[RunFields]:
    """End at most a hundred requests whose ids are too long, with `run_result`.

    Return what the log lines about them have, ids cut short. The claim passes over them.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(
            _REFUSE,
            _AT_MOST,
            LONGEST_ID,
            run_result.summary_stats,
            run_result.error_message,
            options.claim_delay,
            NAME_LIMIT,
        )
    return [run_fields(**row) for row in rows]
