"""What a table's profile comes to, in one transaction: suggestions, progress, a summary."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from anyio import to_thread

from worker.attempt import progress
from worker.attempt.plan import PlannedTable, plan_again
from worker.attempt.summary import profiled_part
from worker.checks.draft import Drafts, draft_suggestions
from worker.checks.known import Known
from worker.checks.row import Suggestions, suggest
from worker.contracts.load import SchemaObject, find_schema_objects, load_checks, load_versions
from worker.database.pool import Connection
from worker.profiling.profile import Evidence, TableProfile
from worker.queue.lease import Lease
from worker.suggestions.write import load_decisions, supersede, write_suggestions

__all__ = ["Writing", "drafts_of"]


def drafts_of(table: PlannedTable, profile: TableProfile, run_id: str) -> Drafts:
    """Return the checks that a table's profile gives, as far as the contract lets them appear."""
    return draft_suggestions(
        profile,
        run_id=run_id,
        schema_name=table.schema_name,
        properties=table.properties,
        personal=table.personal,
        options=table.checks,
    )


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
        """Write the suggestions, and delete pending ones of earlier runs that they replace.

        Raises `TableError` if the contract no longer has the table.
        """
        run = self.lease.run
        # The heartbeat may not have looked since; and an edit makes a new schema object.
        objects = await find_schema_objects(transaction, run.contract_id, self.table.schema_name)
        table = plan_again(self.table, objects)
        found = self.found
        if table != self.table:
            found = await to_thread.run_sync(drafts_of, table, self.profile, run.id)
        (schema,) = objects
        chosen = await self._chosen(transaction, schema, table, found)
        # What people decide between a look and the deletion is known at the next look.
        while not await supersede(transaction, chosen.superseded):
            chosen = await self._chosen(transaction, schema, table, found)
        self.suggestions = await write_suggestions(
            transaction,
            run_id=run.id,
            contract_id=run.contract_id,
            schema_name=table.schema_name,
            rows=chosen.rows,
        )
        statistics = table.personal.statistics(self.profile.statistics)
        await progress.complete(
            transaction,
            run.id,
            table.schema_name,
            rows_sampled=self.profile.sample.rows,
            columns=self.profile.columns,
            suggestions=self.suggestions,
            summary=profiled_part(
                replace(self.profile, statistics=statistics),
                table.physical_name or "",
                self.seconds,
                chosen.held_back,
                table.profiler.given,
            ),
        )

    async def _chosen(
        self, transaction: Connection, schema: SchemaObject, table: PlannedTable, found: Drafts
    ) -> Suggestions:
        run = self.lease.run
        versions = await load_versions(transaction, run.contract_id)
        decisions = await load_decisions(
            transaction,
            contract_id=run.contract_id,
            versions=versions,
            schema_name=table.schema_name,
            run_id=run.id,
        )
        # After the decisions: what is accepted meanwhile must not look as if it had been lost.
        contract = await load_checks(transaction, run.contract_id, schema)
        # What people wrote may take long to read; it stays read for the other tables.
        known = await to_thread.run_sync(Known.of, run.id, table.schema_name, contract, decisions)
        return suggest(
            found.drafts,
            self.evidence,
            self.profile.sample,
            known,
            held_back=found.held_back,
            personal=table.personal,
            contradictions=table.checks.contradictions,
        )
