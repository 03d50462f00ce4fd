"""One table of a run: from its name to committed suggestions, or to a sentence why not."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import anyio
import structlog

from worker.attempt import errors, progress
from worker.attempt.options import AttemptOptions
from worker.attempt.plan import PlannedTable
from worker.attempt.progress import Phase
from worker.attempt.summary import failed_part, profiled_part
from worker.checks.draft import Drafts, draft_suggestions
from worker.checks.known import Known
from worker.checks.row import Suggestions, suggest
from worker.contracts.load import has_schema_object, load_checks
from worker.database.errors import DatabaseRefused
from worker.database.pool import Connection
from worker.database.text import storable
from worker.profiling.errors import TableError, TableUnavailable, table_deadline
from worker.profiling.profile import Evidence, TableProfile, Trial
from worker.profiling.profiler import TableProfiler
from worker.profiling.sample import Sample
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.suggestions.write import load_decisions, supersede, write_suggestions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["ENDS_THE_ATTEMPT", "record_failure", "tag_of", "work_on_table"]

log = get_logger(__name__)

ENDS_THE_ATTEMPT = (LeaseLost, RunOverruled, RunCancelled, DatabaseRefused)

# Seconds before a table is tried once more: a session or a connection takes some to be there again.
_RETRY_PAUSE = 1.0


def tag_of(run_id: str, attempt: int, schema_name: str) -> str:
    """Return the tag under which Spark works on a table; commas would end it."""
    return f"dqx-worker {run_id} {attempt} {schema_name}".replace(",", " ")


async def work_on_table(
    lease: Lease, table: PlannedTable, profiler: TableProfiler, options: AttemptOptions
) -> str | None:
    """Profile a table and write what it gives; a table at fault is recorded as failed.

    Returns why the table is not done where that may pass. Raises what ends the attempt:
    `LeaseLost`, `RunOverruled`, `RunCancelled`, `DatabaseRefused`.
    """
    with structlog.contextvars.bound_contextvars(schema=table.schema_name):
        try:
            if table.problem is not None or table.physical_name is None or table.object_id is None:
                raise TableError(table.problem or errors.no_physical_name())
            unfinished = None
            with lease.watching(table.object_id) as there:
                unfinished = await _profile_twice(
                    lease, table, table.physical_name, profiler, options
                )
            if there.cancelled_caught:
                raise TableError(errors.schema_vanished())
            return unfinished
        except TableError as error:
            await _fail(lease, table, str(error))
        except ENDS_THE_ATTEMPT:
            raise
        # A defect of ours or of a library, or a value that can't be stored, costs this table only.
        except Exception as error:
            log.exception(Event.TABLE_FAILED, table=table.physical_name, error=type(error).__name__)
            await record_failure(lease, table, errors.own_error(type(error).__name__))
        return None


async def _profile_twice(
    lease: Lease,
    table: PlannedTable,
    physical_name: str,
    profiler: TableProfiler,
    options: AttemptOptions,
) -> str | None:
    """Try once more what may pass; return why a second time did not help either."""
    try:
        await _profile(lease, table, physical_name, profiler, options)
        return None
    except TableUnavailable as error:
        log.warning(Event.TABLE_RETRIED, table=physical_name, error=str(error))
    await anyio.sleep(_RETRY_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311
    try:
        await _profile(lease, table, physical_name, profiler, options)
    except TableUnavailable as error:
        log.warning(Event.TABLE_UNFINISHED, table=physical_name, error=str(error))
        return str(error)
    return None


async def _profile(
    lease: Lease,
    table: PlannedTable,
    physical_name: str,
    profiler: TableProfiler,
    options: AttemptOptions,
) -> None:
    began = time.monotonic()
    tag = tag_of(lease.run.id, lease.attempt, table.schema_name)
    deadline = options.table_deadline.total_seconds()
    log.info(Event.TABLE_BEGUN, table=physical_name)
    await _enter(lease, table, Phase.SAMPLING)
    with anyio.move_on_after(deadline) as limit:
        async with profiler.sample(physical_name, tag, table.profiler) as sample:
            await _enter(lease, table, Phase.PROFILING)
            profile = await profiler.profile(sample, tag)
            found = draft_suggestions(
                profile,
                run_id=lease.run.id,
                schema_name=table.schema_name,
                properties=table.properties,
                personal=table.personal,
                options=table.checks,
            )
            evidence = await _tried(profiler, sample, found, tag)
    if limit.cancelled_caught:
        raise table_deadline(physical_name, f"{deadline:g}")
    profile = replace(profile, statistics=table.personal.statistics(profile.statistics))
    await _enter(lease, table, Phase.WRITING)
    seconds = time.monotonic() - began
    written = _Writing(lease, table, profile, found, evidence, seconds)
    await lease.write(written.write)
    log.info(
        Event.TABLE_PROFILED,
        table=physical_name,
        rows=profile.sample.rows,
        of_rows=profile.sample.of_rows,
        columns=profile.columns,
        suggestions=written.suggestions,
        seconds=round(seconds, 1),
    )


async def _tried(
    profiler: TableProfiler, sample: Sample, found: Drafts, tag: str
) -> Mapping[str, Evidence]:
    """Return the evidence for the drafts, by their ids."""
    trials = [Trial(draft.candidate.column, draft.check) for draft in found.drafts]
    try:
        evidence = await profiler.try_out(sample, trials, tag)
    except TableUnavailable:
        raise
    # A check that Spark can't apply: the others are as good without evidence.
    except TableError as error:
        log.warning(Event.CHECKS_UNTRIED, table=str(sample.table), error=str(error))
        return {}
    return {draft.id: one for draft, one in zip(found.drafts, evidence, strict=True)}


@dataclass(slots=True)
class _Writing:
    """What is written of a table in one transaction, and how much that was."""

    lease: Lease
    table: PlannedTable
    profile: TableProfile
    found: Drafts
    evidence: Mapping[str, Evidence]
    seconds: float
    suggestions: int = 0

    async def write(self, transaction: Connection) -> None:
        """Write what is not known by now, in the place of what waited for the same decision."""
        run, table = self.lease.run, self.table
        # The heartbeat may not have looked since.
        if table.object_id is None or not await has_schema_object(transaction, table.object_id):
            raise TableError(errors.schema_vanished())
        chosen = await self._chosen(transaction, table.object_id)
        # What people decide between the look and the deletion is known at the second look.
        if not await supersede(transaction, chosen.superseded):
            chosen = await self._chosen(transaction, table.object_id)
            await supersede(transaction, chosen.superseded)
        await write_suggestions(
            transaction,
            run_id=run.id,
            contract_id=run.contract_id,
            schema_name=table.schema_name,
            rows=chosen.rows,
        )
        self.suggestions = len(chosen.rows)
        held_back = {**self.found.held_back, **chosen.held_back}
        await progress.complete(
            transaction,
            run.id,
            table.schema_name,
            rows_sampled=self.profile.sample.rows,
            columns=self.profile.columns,
            suggestions=self.suggestions,
            summary=profiled_part(self.profile, table.physical_name or "", self.seconds, held_back),
        )

    async def _chosen(self, transaction: Connection, object_id: str) -> Suggestions:
        decisions = await load_decisions(
            transaction,
            contract_id=self.lease.run.contract_id,
            schema_name=self.table.schema_name,
            run_id=self.lease.run.id,
        )
        rows, properties = await load_checks(transaction, object_id)
        known = Known.of(rows, properties, decisions)
        return suggest(self.found.drafts, self.evidence, self.profile.sample, known)


async def _enter(lease: Lease, table: PlannedTable, phase: Phase) -> None:
    await lease.write(lambda tx: progress.enter(tx, lease.run.id, table.schema_name, phase))


async def _fail(lease: Lease, table: PlannedTable, error: str) -> None:
    log.warning(Event.TABLE_FAILED, table=table.physical_name, error=error)
    await record_failure(lease, table, error)


async def record_failure(lease: Lease, table: PlannedTable, error: str) -> None:
    """Record that a table failed, and why."""
    message = storable(error)
    await lease.write(
        lambda tx: progress.fail(
            tx,
            lease.run.id,
            table.schema_name,
            message,
            failed_part(table.physical_name, message),
        )
    )
