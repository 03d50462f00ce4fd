"""The end of a run that nobody will go on with: what is done stays, the rest is told why not."""

from worker.attempt import progress
from worker.attempt.ledger import Ledger
from worker.attempt.outcome import refusal, verdict
from worker.attempt.progress import TableRecord
from worker.database.pool import Connection
from worker.database.text import storable
from worker.queue.finish import finish
from worker.queue.lease import Lease
from worker.queue.verdict import Verdict

__all__ = ["end_early"]


async def end_early(lease: Lease, reason: str, ledger: Ledger) -> Verdict:
    """End the run: `failed` for `reason`, or `completed` where no table was open any more.

    Raises `LeaseLost`, `RunOverruled` or `RunCancelled`, and then nothing is written.
    """
    told = storable(reason)

    async def skip(transaction: Connection) -> list[TableRecord]:
        await progress.forget_ended(transaction, lease.run.id)
        await progress.skip_open(transaction, lease.run.id, told)
        if not await progress.has_begun(transaction, lease.run.id, lease.attempt):
            return []
        return await progress.records(transaction, lease.run.id)

    records = await lease.write(skip)
    end = verdict(records, ledger.summary_limit) if records else refusal(told)
    await finish(lease, ledger, end)
    return end
