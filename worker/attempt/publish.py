"""What a table's profile comes to, in one transaction: suggestions, progress, a summary.

It is computed before the transaction, which then only compares what is stored with what was read.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from worker.attempt.load_existing_checks import (
    Asked,
    Lend,
    Stored,
    asked_of,
    find_stored,
    known_of,
    read_texts,
)
from worker.attempt.plan import PlannedTable, plan_again
from worker.attempt.propose_checks import Proposed, report_unjudged
from worker.backend.contracts.schema import schema_objects
from worker.backend.suggestions.decisions import lock_schema
from worker.backend.suggestions.write import (
    Batches,
    batches_of,
    supersede,
    withdraw_values,
    write_batches,
)
from worker.checks.implementation_cache import Read
from worker.database.limited_threads import in_thread
from worker.database.outage import through_outages
from worker.database.pool import Connection
from worker.judging.proposal import Proposal
from worker.profiling.results import TableProfile
from worker.progress import table_progress
from worker.progress.summary import profiled_part
from worker.queue.lease import Lease
from worker.suggestions.draft import Drafts, draft_suggestions
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.suggest import Suggestions, suggest
from worker.suggestions.suggest_again import Tried

__all__ = ["Publisher", "drafts_of"]

_ROUNDS = 4
"""Number of transactions that are left if they find a change; the next one computes inside."""


def drafts_of(
    table: PlannedTable,
    profile: TableProfile,
    run_id: str,
    proposals: Sequence[Proposal] | None = None,
) -> Drafts:
    """Return the checks that a table's profile gives, as far as the contract lets them appear."""
    return draft_suggestions(
        profile,
        run_id=run_id,
        schema_name=table.schema_name,
        properties=table.properties,
        personal=table.personal,
        options=table.checks,
        proposals=proposals,
    )


class _Changed(Exception):
    """Something that is stored has changed since it was read."""


@dataclass(frozen=True, slots=True)
class _Result:
    """What is to be written if what is stored is still the same."""

    stored: Stored
    superseded: list[str]
    personal: list[str]
    batches: Batches
    functions: Counter[str]
    summary: str


@dataclass(slots=True)
class Publisher:
    """What is written of a table, and how much that was."""

    lease: Lease
    table: PlannedTable
    profile: TableProfile
    proposed: Proposed
    found: Drafts
    tried: Tried
    seconds: float
    suggestions: int = 0
    functions: Counter[str] = field(default_factory=Counter)
    """How many of the suggestions have each check function."""

    async def write(self) -> None:
        """Write the suggestions, and delete pending ones of earlier runs that they replace.

        Raises `TableError` if the contract no longer has the table.
        """
        for _ in range(_ROUNDS):
            asked, result = await through_outages(self._computed)
            try:
                return await self._write(asked, result, last=False)
            except _Changed:
                continue
        # People go on to decide: what is computed once more inside is written.
        asked, result = await through_outages(self._computed)
        return await self._write(asked, result, last=True)

    async def _computed(self) -> tuple[Asked, _Result]:
        run = self.lease.run
        lend = self.lease.database.connection
        async with lend() as connection:
            asked = await asked_of(
                connection,
                run_id=run.id,
                contract_id=run.contract_id,
                schema_name=self.table.schema_name,
            )
            stored = await find_stored(connection, asked)
        return asked, await self._result(lend, asked, stored)

    async def _result(self, lend: Lend, asked: Asked, stored: Stored) -> _Result:
        texts = await read_texts(lend, stored)
        return await in_thread(self._compute, asked, stored, texts)

    def _compute(self, asked: Asked, stored: Stored, texts: Read) -> _Result:
        # The heartbeat may not have looked since; and an edit makes a new schema object.
        objects = schema_objects(stored.schema)
        table = plan_again(self.table, objects)
        found = self.found
        if table != self.table:
            found = drafts_of(table, self.profile, asked.run_id, self.proposed.proposals)
        (schema,) = objects
        known = known_of(asked, stored, schema, texts, found.twins)
        try:
            chosen = self._chosen(table, found, known)
        # A defect of the judge; what DQX proposes needs none.
        except Exception as error:
            if self.proposed.proposals is None:
                raise
            report_unjudged(table, error)
            chosen = self._chosen(table, drafts_of(table, self.profile, asked.run_id), known)
        statistics = table.personal.statistics(self.profile.statistics)
        summary = profiled_part(
            replace(self.profile, statistics=statistics),
            table.physical_name or "",
            self.seconds,
            chosen.held_back,
            table.profiler.given,
        )
        batches = batches_of(chosen.rows, chosen.evidence)
        return _Result(
            stored, chosen.superseded, chosen.personal, batches, chosen.functions, summary
        )

    def _chosen(self, table: PlannedTable, found: Drafts, known: ExistingChecks) -> Suggestions:
        return suggest(
            found.drafts,
            self.tried,
            self.profile.sample,
            known,
            held_back=found.held_back,
            personal=table.personal,
            options=table.checks,
            distributions=self.proposed.distributions,
        )

    async def _write(self, asked: Asked, result: _Result, *, last: bool) -> None:
        """Write what was computed; raise `_Changed` if it has to be computed again before.

        With `last` it is computed in the transaction.
        """

        async def write(transaction: Connection) -> None:
            await lock_schema(transaction, asked.contract_id, asked.schema_name)
            now, current = await find_stored(transaction, asked), result
            # What people decide between a look and the deletion is known at the next look.
            while now != current.stored or not await supersede(transaction, current.superseded):
                if not last:
                    raise _Changed
                now = await find_stored(transaction, asked)
                current = await self._result(lambda: nullcontext(transaction), asked, now)
            await self._insert(transaction, current)

        await self.lease.write(write)

    async def _insert(self, transaction: Connection, result: _Result) -> None:
        run = self.lease.run
        self.functions = result.functions
        await withdraw_values(transaction, result.personal)
        self.suggestions = await write_batches(
            transaction,
            run_id=run.id,
            contract_id=run.contract_id,
            schema_name=self.table.schema_name,
            batches=result.batches,
        )
        await table_progress.complete(
            transaction,
            run.id,
            self.table.schema_name,
            rows_sampled=self.profile.sample.rows,
            columns=self.profile.columns,
            suggestions=self.suggestions,
            summary=result.summary,
        )
