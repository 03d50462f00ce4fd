"""What a table's profile comes to, in one transaction: suggestions, progress, a summary."""

from collections.abc import Mapping
from dataclasses import dataclass

from anyio import to_thread

from worker.attempt import errors, progress
from worker.attempt.plan import PlannedTable
from worker.attempt.summary import profiled_part
from worker.checks.draft import Drafts
from worker.checks.known import Known
from worker.checks.row import Suggestions, suggest
from worker.contracts.load import has_schema_object, load_checks
from worker.database.pool import Connection
from worker.profiling.errors import TableError
from worker.profiling.profile import Evidence, TableProfile
from worker.queue.lease import Lease
from worker.suggestions.write import load_decisions, supersede, write_suggestions

__all__ = ["Writing"]


@dataclass(slots=True)
class Writing:
    """What is written of a table in one transaction, and how much that was."""

    lease: Lease
    table: PlannedTable
    profile: TableProfile
    found: Drafts
    evidence: Mapping[str, Evidence]
    seconds: float
    suggestions: int = 0

    async def write(self, transaction: Connection) -> None:
        """Write what is not known by now, in the place of what waits of earlier runs."""
        run, table = self.lease.run, self.table
        # The heartbeat may not have looked since.
        if table.object_id is None or not await has_schema_object(transaction, table.object_id):
            raise TableError(errors.schema_vanished())
        chosen = await self._chosen(transaction, table.object_id)
        # What people decide between a look and the deletion is known at the next look.
        while not await supersede(transaction, chosen.superseded):
            chosen = await self._chosen(transaction, table.object_id)
        self.suggestions = await write_suggestions(
            transaction,
            run_id=run.id,
            contract_id=run.contract_id,
            schema_name=table.schema_name,
            rows=chosen.rows,
        )
        await progress.complete(
            transaction,
            run.id,
            table.schema_name,
            rows_sampled=self.profile.sample.rows,
            columns=self.profile.columns,
            suggestions=self.suggestions,
            summary=profiled_part(
                self.profile,
                table.physical_name or "",
                self.seconds,
                chosen.held_back,
                table.profiler.given,
            ),
        )

    async def _chosen(self, transaction: Connection, object_id: str) -> Suggestions:
        decisions = await load_decisions(
            transaction,
            contract_id=self.lease.run.contract_id,
            schema_name=self.table.schema_name,
            run_id=self.lease.run.id,
        )
        rows, properties = await load_checks(transaction, object_id)
        # What people wrote may take long to read; it stays read for the other tables.
        known = await to_thread.run_sync(Known.of, rows, properties, decisions)
        return suggest(
            self.found.drafts,
            self.evidence,
            self.profile.sample,
            known,
            held_back=self.found.held_back,
            personal=self.table.personal,
            contradictions=self.table.checks.contradictions,
        )
