"""Many runs are cancelled, by contract or status: those that were named, and no others."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from worker.database.errors import DatabaseError, DatabaseUnavailable
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue.claimed_run import LONGEST_ID
from worker.queue.errors import RunUnclaimable
from worker.queue.options import QueueOptions
from worker.queue.run_progress import RunProgress
from worker.queue.run_result import RunResult, RunStatus
from worker.runs import errors
from worker.runs.cancel import OPEN, cancel

__all__ = ["BulkCancel", "Cancelled", "NamedRun", "Selection", "not_ended"]

_OPEN_RUNS = load_sql(__package__, "open_runs")
_UNBEGUN = load_sql(__package__, "cancel_unbegun")
_NOT_ENDED = load_sql(__package__, "not_ended")

_BATCH = 500


@dataclass(frozen=True, slots=True)
class NamedRun:
    """A run that is to be cancelled, with its status when it was named."""

    id: str
    contract_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What became of one run: `worker` is to end it, or it has ended, or it is `refused`."""

    run_id: str
    worker: str | None = None
    refused: str | None = None
    """Why it can't be cancelled."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The runs with one of these statuses: all, or those of a contract."""

    statuses: Collection[str] = OPEN
    contract: str | None = None

    async def runs(self, database: Database) -> list[NamedRun]:
        """Return the runs that there are now, those of one contract beside each other."""
        async with database.connection() as connection:
            rows = await connection.fetch(_OPEN_RUNS, list(self.statuses), self.contract)
        return [NamedRun(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class BulkCancel:
    """Cancels runs with the same words, as far as they still have one of the statuses."""

    database: Database
    options: QueueOptions
    tables: RunProgress
    words: str
    statuses: Collection[str] = OPEN

    async def cancel(self, runs: Sequence[NamedRun]) -> AsyncIterator[Cancelled]:
        """Cancel these runs, those of one contract beside each other; yield what becomes of each.

        Requests that no worker has begun are ended in batches, the others one by one.
        """
        for batch in _batches(runs):
            waiting = [run.id for run in batch if run.status == "pending"]
            ended = await self._end_unbegun(waiting) if waiting else set()
            for run in batch:
                yield Cancelled(run.id) if run.id in ended else await self._cancel_one(run.id)

    async def _cancel_one(self, run_id: str) -> Cancelled:
        try:
            done = await cancel(
                self.database,
                self.options,
                self.tables,
                run_id,
                self.words,
                statuses=self.statuses,
            )
        except DatabaseUnavailable:
            raise
        except RunUnclaimable as refusal:
            return Cancelled(run_id, refused=str(refusal))
        except DatabaseError as error:
            return Cancelled(run_id, refused=errors.cancel_refused(run_id, error))
        return Cancelled(run_id, worker=done.worker)

    async def _end_unbegun(self, run_ids: Sequence[str]) -> set[str]:
        """End the requests of one contract that no worker has begun, and return their ids."""
        # They all end alike, as none has tables that were begun.
        foreseen = await self.tables.foresee(self.database, run_ids[0], 1, self.words)
        status = RunStatus(self.options.cancelled_status)
        end = RunResult(status, foreseen.run_result.summary_stats, self.words)

        async def end_them(transaction: Connection) -> set[str]:
            rows = await transaction.fetch(
                _UNBEGUN,
                list(run_ids),
                self.options.worker,
                end.status,
                end.summary_stats,
                end.error_message,
                LONGEST_ID,
            )
            ended = {row["id"] for row in rows}
            if ended:
                await self.tables.run_ended(transaction, next(iter(ended)))
            return ended

        try:
            return await self.database.run(end_them)
        except DatabaseUnavailable:
            raise
        except DatabaseError:
            # One of them may be locked, or be what Postgres refuses: they are cancelled one by one.
            return set()


async def not_ended(database: Database, run_ids: Sequence[str]) -> list[str]:
    """Return which of these runs have not ended."""
    async with database.connection() as connection:
        return [row["id"] for row in await connection.fetch(_NOT_ENDED, list(run_ids))]


def _batches(runs: Sequence[NamedRun]) -> Iterator[list[NamedRun]]:
    """Return the runs in batches of one contract each: what waits moves once for each batch."""
    for _, group in groupby(runs, key=lambda run: run.contract_id):
        of_contract = list(group)
        for start in range(0, len(of_contract), _BATCH):
            yield of_contract[start : start + _BATCH]
