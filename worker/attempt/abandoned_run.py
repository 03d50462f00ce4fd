"""The end of a run that no worker will continue: what is done stays, the rest is skipped."""

from worker.database.limited_threads import in_thread
from worker.database.outage import through_outages
from worker.database.storable_text import storable
from worker.progress import table_progress
from worker.progress.completed_or_failed import refusal, run_result
from worker.progress.stored_run_progress import StoredRunProgress, skipped
from worker.queue.fallback_run_end import write_end
from worker.queue.finish_lease import finish
from worker.queue.lease import Lease
from worker.queue.run_result import RunResult

__all__ = ["early_end", "end_early"]


async def early_end(lease: Lease, reason: str, ledger: StoredRunProgress) -> RunResult:
    """Return how the run ends now: `failed` for `reason`, or `completed` if every table is done.

    Only the holder of the lease may call it: no other worker writes before the end is written.
    """
    message = storable(reason)
    tables = await through_outages(
        lambda: table_progress.read_tables(lease.database, lease.run.id, lease.attempt)
    )
    if not tables.begun:
        return refusal(message)
    return await in_thread(run_result, skipped(tables.records, message), ledger.summary_limit)


async def end_early(lease: Lease, reason: str, ledger: StoredRunProgress) -> RunResult:
    """End the run with the tables that are done, and return its result.

    Raises `LeaseLost`, `RunOverruled` or `RunCancelled`, and then nothing is written.
    """
    end = await early_end(lease, reason, ledger)
    return await write_end(lambda ends: finish(lease, ledger, *ends, skipped=reason), end)
