"""The progress of a run's tables, as the queue asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker.backend.suggestions.gather import gather_waiting
from worker.database.limited_threads import in_thread
from worker.database.pool import Connection, Database
from worker.database.storable_text import storable
from worker.progress import table_progress
from worker.progress.completed_or_failed import run_result
from worker.progress.summary import assemble, refused
from worker.progress.table_progress import TableRecord
from worker.queue.run_progress import Foreseen
from worker.queue.run_result import RunResult, RunStatus
from worker.telemetry.text import CAUSE_LIMIT, bounded

__all__ = ["StoredRunProgress", "skipped"]


@dataclass(frozen=True, slots=True)
class StoredRunProgress:
    """Fills the protocol `RunProgress` of the queue. `summary_limit` is bytes of summary_stats."""

    summary_limit: int

    async def foresee(self, database: Database, run_id: str, attempt: int, reason: str) -> Foreseen:
        """Return how the run ends for `reason`, as its tables stand now.

        `completed` if every table was done already, else `failed` with `reason`.
        """
        message = storable(reason)
        tables = await table_progress.read_tables(database, run_id, attempt)
        end = await in_thread(self._end, tables, message)
        return Foreseen(end, tables.stand)

    async def as_foreseen(self, transaction: Connection, run_id: str, foreseen: Foreseen) -> bool:
        """Return whether the run's tables still stand as they did."""
        return foreseen.stand in (None, await table_progress.stand(transaction, run_id))

    async def forget_unfinished(self, transaction: Connection, run_id: str) -> None:
        """Delete the rows of tables that have not ended: the next attempt begins them anew."""
        await table_progress.forget_unfinished(transaction, run_id)

    async def skip_unfinished(
        self, transaction: Connection, run_id: str, reason: str, *, ends: bool
    ) -> None:
        """Mark the tables that have not ended as skipped and store the reason.

        If the run `ends`, the tables of attempts before its last end are deleted.
        """
        write = table_progress.close if ends else table_progress.skip_open
        await write(transaction, run_id, storable(reason))

    async def run_ended(self, transaction: Connection, run_id: str) -> None:
        """Move pending suggestions of earlier runs to where people see them."""
        await gather_waiting(transaction, run_id)

    def _end(self, tables: table_progress.Tables, reason: str) -> RunResult:
        if tables.begun and not any(record.is_open for record in tables.records):
            return run_result(tables.records, self.summary_limit)
        records = skipped(tables.records, reason)
        summary = assemble(records, self.summary_limit) if records else refused(reason)
        return RunResult(RunStatus.FAILED, summary, reason)


def skipped(records: Sequence[TableRecord], reason: str) -> list[TableRecord]:
    """Return the tables as they stand when those that have not ended are skipped for `reason`."""
    error = bounded(reason, CAUSE_LIMIT)
    return [
        replace(record, state="skipped", error=error) if record.is_open else record
        for record in records
    ]
