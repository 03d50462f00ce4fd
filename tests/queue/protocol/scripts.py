"""What the actors do: production code of the queue, called as its callers call it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from tests.queue.protocol.steps import Ending
from tests.queue.protocol.stepwise_connection import Strand
from tests.support.options import LEDGER, queue_options
from worker.attempt.abandoned_run import end_early
from worker.backend.suggestions.write import write_suggestions
from worker.database.errors import DatabaseConflict, DatabaseError, DatabaseUnavailable
from worker.database.outage import through_outages
from worker.database.pool import Connection, Database
from worker.maintenance.prune import prune_page
from worker.maintenance.rescue import rescue
from worker.progress import table_progress
from worker.progress.completed_or_failed import run_result
from worker.progress.table_progress import Phase
from worker.queue.claim import claim, claim_last_try, due_last_try, unknown_leases
from worker.queue.claim_run import claim_run
from worker.queue.errors import RunUnclaimable
from worker.queue.finish_lease import cancel_run, close_overruled, finish, give_back, postpone
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.options import QueueOptions, Retention
from worker.queue.renew_leases import renew
from worker.runs import errors
from worker.runs.adopt import adopt
from worker.runs.cancel import cancel
from worker.runs.cancel_many import BulkCancel, Selection
from worker.suggestions.suggestion_row import SuggestionRow

__all__ = [
    "CONTRACT",
    "LEASE",
    "MAX_ATTEMPTS",
    "RETENTION",
    "SLOTS",
    "TABLES",
    "Process",
    "adopt_run",
    "cancel_a_run",
    "cancel_all_runs",
    "check_ids",
    "decide",
    "prune",
    "work_as_a_job",
]

CONTRACT = "c"
TABLES = ("a", "b")
SLOTS = 2
MAX_ATTEMPTS = 2
# So long that it expires when time is moved, and not because the machine is busy.
LEASE = timedelta(seconds=60)
RETENTION = timedelta(hours=1)

_LIMIT = 1_000_000

_DECISIONS = {
    "ask": "INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status)"
    " SELECT $1, id, 'dqx', '[\"a\", \"b\"]', 'pending' FROM data_contracts"
    " ON CONFLICT DO NOTHING",
    "reset": "UPDATE data_profiling_runs SET status = 'pending', run_id = NULL,"
    " completed_at = NULL, summary_stats = NULL, error_message = NULL WHERE id = $1",
    "cancel": "UPDATE data_profiling_runs SET status = 'cancelled' WHERE id = $1",
    "fail": "UPDATE data_profiling_runs SET status = 'failed', error_message = 'theirs'"
    " WHERE id = $1",
    # As the launcher of a job does it, blindly; but it knows a run that has ended.
    "launch": "UPDATE data_profiling_runs SET status = 'running', run_id = '77'"
    " WHERE id = $1 AND status IN ('pending', 'running')",
    # Whatever its columns can hold.
    "oldest": "UPDATE data_profiling_runs SET started_at = '-infinity', schema_names = '[',"
    " triggered_by = repeat('x', 100000) WHERE id = $1",
    "newest": "UPDATE data_profiling_runs SET started_at = 'infinity', schema_names = NULL"
    " WHERE id = $1",
    "ancient": "UPDATE data_profiling_runs SET started_at = '4713-01-01 BC',"
    " triggered_by = '' WHERE id = $1",
    "delete": "DELETE FROM data_profiling_runs WHERE id = $1",
    "accept": "UPDATE suggested_quality_checks SET status = 'accepted' WHERE profile_run_id = $1",
    "drop": "DELETE FROM data_contracts WHERE id = (SELECT contract_id"
    " FROM data_profiling_runs WHERE id = $1)",
}


def check_ids(run: str, table: str, attempt: int) -> set[str]:
    """Return the ids of what an attempt finds: one that each would find, and one of its own.

    Where two attempts wrote of one table, it would have both of theirs.
    """
    return {f"{run} {table} each", f"{run} {table} {attempt}"}


class Process:
    """A worker, as far as it has to do with the queue: its name, its leases, its heartbeat."""

    def __init__(self, name: str, database: Database) -> None:
        self.options: QueueOptions = queue_options(
            worker=name,
            slots=SLOTS,
            lease=LEASE,
            max_attempts=MAX_ATTEMPTS,
        )
        self.heartbeat = Heartbeat(database, self.options, "0", lambda: None)
        self.known: dict[str, Lease] = {}
        self.taken: list[Lease] = []
        """Also those that it does not have any more."""
        self._unsure = False

    async def claim(self, strand: Strand, begin: Callable[[Lease], None]) -> None:
        """Look for requests, as a worker's poller does, and begin to work on them."""
        free = SLOTS - len(self.known)
        if free <= 0:
            return
        leases: list[Lease] = []
        try:
            if self._unsure:
                known = [lease.token for lease in self.known.values()]
                leases = await unknown_leases(strand.database, self.options, known)
                self._unsure = False
            if not leases:
                self._unsure = True
                leases = await claim(strand.database, self.options, free)
                self._unsure = False
            if not leases and (due := await due_last_try(strand.database)) is not None:
                # As the process would that is started for it.
                self._unsure = True
                last = await claim_last_try(strand.database, self.options, due.id)
                leases = [last] if last is not None else []
                self._unsure = False
        except (DatabaseUnavailable, DatabaseConflict):
            return
        for lease in leases:
            await self.take(lease)
            begin(lease)

    async def take(self, lease: Lease) -> None:
        self.known[lease.run.id] = lease
        self.taken.append(lease)
        await self.heartbeat.add(lease)

    async def let_go(self, lease: Lease) -> None:
        await self.heartbeat.remove(lease)
        if self.known.get(lease.run.id) is lease:
            del self.known[lease.run.id]

    async def beat(self, strand: Strand) -> None:
        try:
            async with strand.database.connection() as connection:
                beat = await renew(connection, self.options, self.heartbeat.kept)
        except (DatabaseUnavailable, DatabaseConflict):
            return
        await self.heartbeat.heard(beat, settled_at=0.0)

    async def rescue(self, strand: Strand) -> None:
        try:
            await rescue(strand.database, _rescuing(self.options), LEDGER)
        except DatabaseUnavailable:
            return

    async def work(self, strand: Strand, lease: Lease, ending: Ending) -> None:
        """Bring the run of `lease` to its end, as `Attempts` does."""
        lease.database = strand.database
        try:
            with lease.scope:
                await _work(lease, ending, self.options)
            if lease.scope.cancelled_caught:
                await _stopped(lease)
        except RunCancelled:
            await _cancelled(lease)
        except (LeaseLost, RunOverruled):
            await _closed(lease)
        finally:
            await self.let_go(lease)


async def work_as_a_job(strand: Strand, process: Process, run: str, ending: Ending) -> None:
    """`dqx-worker job` for one run, with no patience."""
    try:
        lease = await claim_run(
            strand.database,
            process.options,
            run_id=run,
            contract_id=CONTRACT,
            schema_names="[]",
            patience=timedelta(0),
        )
    except (RunUnclaimable, DatabaseUnavailable, DatabaseConflict):
        return
    await process.take(lease)
    await process.work(strand, lease, ending)


async def _enter(lease: Lease, table: str) -> None:
    # In a transaction, so that what has waited for a lock commits at a step of its own.
    async with lease.database.transaction() as transaction:
        await table_progress.enter(transaction, lease, {table: Phase.SAMPLING})


def _failed(lease: Lease, table: str) -> Callable[[Connection], Awaitable[None]]:
    return lambda tx: table_progress.fail(tx, lease.run.id, table, "not there", "{}")


async def _work(lease: Lease, ending: Ending, options: QueueOptions) -> None:
    kept = await lease.write(
        lambda tx: table_progress.begin(tx, lease.run.id, lease.attempt, TABLES)
    )
    for table in TABLES:
        if table in kept:
            continue
        await through_outages(partial(_enter, lease, table))
        if table == TABLES[-1]:
            match ending:
                case Ending.GIVE_BACK if not lease.job:
                    await give_back(lease, LEDGER, "the worker stops")
                    return
                case Ending.GIVE_BACK | Ending.END_EARLY:
                    await end_early(lease, "the worker stops", LEDGER)
                    return
                case Ending.POSTPONE if not lease.job and lease.tries < options.max_attempts:
                    wait = options.back_off_after(lease.tries)
                    await postpone(lease, LEDGER, "throttled", wait)
                    return
                case Ending.POSTPONE | Ending.FAIL_A_TABLE:
                    await lease.write(_failed(lease, table))
                    continue
                case Ending.COMPLETE:
                    pass
        await lease.write(_found(lease, table))
    tables = await through_outages(
        lambda: table_progress.read_tables(lease.database, lease.run.id, lease.attempt)
    )
    await finish(lease, LEDGER, run_result(tables.records, _LIMIT))


def _found(lease: Lease, table: str) -> Callable[[Connection], Awaitable[None]]:
    ids = sorted(check_ids(lease.run.id, table, lease.attempt))

    async def write(transaction: Connection) -> None:
        await write_suggestions(
            transaction,
            run_id=lease.run.id,
            contract_id=lease.run.contract_id,
            schema_name=table,
            rows=[_suggestion(one, mark=str(lease.attempt)) for one in ids],
        )
        await table_progress.complete(
            transaction,
            lease.run.id,
            table,
            rows_sampled=1,
            columns=1,
            suggestions=len(ids),
            summary="{}",
        )

    return write


def _suggestion(one: str, mark: str) -> SuggestionRow:
    return SuggestionRow(
        id=one,
        property_name=None,
        name=one,
        description="",
        level="object",
        dimension="completeness",
        severity="error",
        type="custom",
        rule="",
        engine="dqx",
        implementation="{}",
        rationale=mark,
    )


async def _stopped(lease: Lease) -> None:
    if lease.cancelled is not None:
        await _cancelled(lease)
    else:
        await _closed(lease)


async def _cancelled(lease: Lease) -> None:
    try:
        await cancel_run(lease, LEDGER, "failed")
    except (LeaseLost, RunOverruled):
        await _closed(lease)


async def _closed(lease: Lease) -> None:
    await close_overruled(lease, LEDGER)


async def cancel_a_run(strand: Strand, run: str, name: str) -> None:
    """`dqx-worker cancel`."""
    options = queue_options(worker=name, lease=LEASE)
    try:
        await cancel(strand.database, options, LEDGER, run, errors.cancelled(name, "a mistake"))
    except (RunUnclaimable, RunCancelled, DatabaseUnavailable, DatabaseConflict):
        return


async def cancel_all_runs(strand: Strand, name: str) -> None:
    """`dqx-worker cancel --contract`."""
    options = queue_options(worker=name, lease=LEASE)
    bulk = BulkCancel(strand.database, options, LEDGER, errors.cancelled(name, "a mistake"))
    try:
        runs = await Selection(contract=CONTRACT).runs(strand.database)
        async for _ in bulk.cancel(runs):
            pass
    except (DatabaseUnavailable, DatabaseConflict, RunCancelled):
        return


async def adopt_run(strand: Strand, run: str, name: str) -> None:
    """`dqx-worker adopt`."""
    options = _rescuing(queue_options(worker=name, max_attempts=MAX_ATTEMPTS))
    try:
        await adopt(strand.database, options, LEDGER, run, errors.adopted(name))
    except (RunUnclaimable, DatabaseUnavailable, DatabaseConflict):
        return


async def prune(strand: Strand) -> None:
    try:
        await prune_page(strand.database, Retention(keep_runs=RETENTION, keep_workers=RETENTION))
    except DatabaseError:
        return


async def decide(strand: Strand, decision: str, run: str) -> None:
    """One decision of the backend's, in a transaction that it takes its time for."""
    try:
        async with strand.database.transaction() as transaction:
            await transaction.execute(_DECISIONS[decision], run)
    except (DatabaseUnavailable, DatabaseConflict):
        return


def _rescuing(options: QueueOptions) -> QueueOptions:
    """Return options without the guard for a lease's time after the database's start."""
    return replace(options, lease=timedelta(microseconds=1))
