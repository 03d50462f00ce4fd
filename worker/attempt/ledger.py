"""The progress of a run's tables, as the queue asks for it in its own transactions."""

from dataclasses import dataclass

from worker.attempt import progress
from worker.attempt.outcome import verdict
from worker.attempt.summary import assemble, refused
from worker.database.pool import Connection
from worker.database.text import storable
from worker.queue.verdict import RunStatus, Verdict
from worker.suggestions.gather import gather_waiting

__all__ = ["Ledger"]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Fills the protocol `Tables` of the queue. `summary_limit` is bytes of summary_stats."""

    summary_limit: int

    async def forget_unfinished(self, transaction: Connection, run_id: str) -> None:
        """Drop what is not done: the next attempt begins it anew."""
        await progress.forget_unfinished(transaction, run_id)

    async def skip_unfinished(self, transaction: Connection, run_id: str, reason: str) -> None:
        """Tell of what is not done that nobody will do it, and why."""
        await progress.skip_open(transaction, run_id, storable(reason))

    async def end(self, transaction: Connection, run_id: str, attempt: int, reason: str) -> Verdict:
        """Skip what is not done and return how the run ends.

        `completed` where every table was done already, else `failed` with `reason`.
        """
        told = storable(reason)
        await progress.forget_ended(transaction, run_id)
        skipped = await progress.skip_open(transaction, run_id, told)
        records = await progress.records(transaction, run_id)
        begun = await progress.has_begun(transaction, run_id, attempt)
        if begun and not skipped:
            return verdict(records, self.summary_limit)
        summary = assemble(records, self.summary_limit) if records else refused(told)
        return Verdict(RunStatus.FAILED, summary, told)

    async def run_ended(self, transaction: Connection, run_id: str) -> None:
        """Move pending suggestions of earlier runs to where people see them."""
        await gather_waiting(transaction, run_id)
