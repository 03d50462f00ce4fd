"""Takes over one lease that has expired: looks, prepares, then proves and writes."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

import structlog

from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue import errors
from worker.queue.end_run import AttemptAt, close_attempt, end_run, reopen_run
from worker.queue.fallback_run_end import NOTHING_DONE, write_end
from worker.queue.finish_lease import OVERRULED
from worker.queue.options import QueueOptions
from worker.queue.run_progress import Foreseen, RunProgress
from worker.queue.run_result import RunResult, RunStatus
from worker.telemetry.run_fields import RunFields, run_fields
from worker.telemetry.text import NAME_LIMIT, joined

__all__ = ["Adopted", "Rescued", "close_stuck_lease", "rescue_run"]

T = TypeVar("T")

_LOOK = load_sql(__package__, "look_at_expired")
_TAKE = load_sql(__package__, "take_expired")
_LOCK_RUN = load_sql(__package__, "lock_any_run")
_REASONS = load_sql(__package__, "reasons")
_DROP_LEASE = load_sql(__package__, "drop_lease")


@dataclass(frozen=True, slots=True)
class Rescued:
    """A run whose lease had expired: whose that was, and what became of the run."""

    run_id: str
    attempt: int
    worker: str
    outcome: str
    """`pending`, the status that it ended with, `overruled`, or `stuck`."""
    reason: str
    contract_id: str | None
    """None if the run's row is gone."""
    triggered_by: str | None
    cut_off: bool
    """Whether the database was away when the worker could have renewed the lease."""
    cancelled: bool = False
    """Whether the run has ended because an operator had cancelled it."""

    @property
    def log_fields(self) -> RunFields:
        """What every log line about the attempt has whose lease had expired."""
        return run_fields(self.run_id, self.contract_id, self.attempt, self.triggered_by)


@dataclass(frozen=True, slots=True)
class Adopted:
    """A lease that an operator gave a run, in these words: it costs no try."""

    token: UUID
    words: str


class _Changed(Exception):
    """The lease or the run is not what it was at the look: leave it for the next time."""


async def rescue_run(
    database: Database,
    run_id: str,
    options: QueueOptions,
    tables: RunProgress,
    *,
    adopted: Adopted | None = None,
    only: UUID | None = None,
    instead: str | None = None,
) -> Rescued | None:
    """Take over the lease on one run; None if it has not expired, or changes at this moment.

    An `adopted` lease is taken over though it has not expired. `only` is the token of the lease if
    a later one of the run is not meant. `instead` is why the run ends as failed now, whatever else
    could become of it. Raises `DatabaseConflict` if the run is locked, and `EndRefused`.
    """
    async with database.connection() as connection:
        lease = await connection.fetchrow(_LOOK, run_id, adopted and adopted.token, NAME_LIMIT)
    if lease is None or only not in (None, lease["token"]):
        return None
    try:
        with _logged(run_id, lease):
            return await _TakeOver(database, run_id, lease, options, tables, adopted).do(instead)
    except _Changed:
        return None


async def close_stuck_lease(
    database: Database, run_id: str, options: QueueOptions, tables: RunProgress, reason: str
) -> Rescued | None:
    """Close an expired lease and its attempt; the run's row, which refuses its end, stays.

    Returns None if the lease has not expired, or changes at this moment.
    """
    async with database.connection() as connection:
        lease = await connection.fetchrow(_LOOK, run_id, None, NAME_LIMIT)
    if lease is None:
        return None
    try:
        return await _TakeOver(database, run_id, lease, options, tables, None).close_stuck(reason)
    except _Changed:
        return None


def _logged(run_id: str, lease: Any) -> AbstractContextManager[None]:
    """Return a context in which every log line is one about the run."""
    fields = run_fields(run_id, lease["contract_id"], lease["attempt"], lease["triggered_by"])
    return structlog.contextvars.bound_contextvars(**fields)


@dataclass(frozen=True, slots=True)
class _TakeOver:
    """What to do about a run whose lease has expired, as both were at the look."""

    database: Database
    run_id: str
    lease: Any
    options: QueueOptions
    tables: RunProgress
    adopted: Adopted | None

    async def do(self, instead: str | None) -> Rescued:
        """Do it. Raises `_Changed`, and then nothing is written."""
        lease = self.lease
        reason = self._reason()
        # An outage excuses one attempt in a row: the run may kill its worker all the same.
        counts = not self.adopted and (lease["excused"] or not lease["cut_off"])
        if not lease["ours"]:
            await self._write(self._close_overruled)
            return self._rescued("overruled", OVERRULED)
        if instead is not None:
            failed = Foreseen(RunResult(RunStatus.FAILED, NOTHING_DONE, instead), stand=None)
            return await self._end(failed, instead)
        if (words := lease["cancel_requested"]) is not None:
            return await self._end(await self._foresee_cancelled(words), words, cancelled=True)
        if lease["job"]:
            return await self._end(await self._foresee(reason), reason)
        if counts and lease["tries"] >= self.options.max_attempts:
            message = await self._reasons(reason)
            return await self._end(await self._foresee(message), message, reason=reason)
        await self._write(lambda transaction: self._reopen(transaction, reason, counts=counts))
        return self._rescued("pending", reason)

    async def close_stuck(self, reason: str) -> Rescued:
        """Close the attempt and the lease alone. Raises `_Changed`."""
        await self._write(lambda transaction: self._close(transaction, "stuck", reason))
        return self._rescued("stuck", reason)

    def _reason(self) -> str:
        if self.adopted:
            return self.adopted.words
        silent = f"{self.lease['silent'].total_seconds():.0f}"
        return errors.not_heard_of(self.lease["worker"], silent)

    async def _reasons(self, last: str) -> str:
        """Return why none of the run's tries ended it, the last one's reason at the end."""
        async with self.database.connection() as connection:
            earlier = await connection.fetch(_REASONS, self.run_id, self.lease["tries"] - 1)
        reasons = [f"attempt {row['number']}: {row['reason']}" for row in earlier]
        reasons.append(f"attempt {self.lease['attempt']}: {last}")
        return errors.tries_used_up(len(reasons), joined(reasons))

    async def _foresee(self, message: str) -> Foreseen:
        return await self.tables.foresee(self.database, self.run_id, self.lease["attempt"], message)

    async def _foresee_cancelled(self, words: str) -> Foreseen:
        """Return the end that an operator's words ask for, and the worker did not live to write."""
        foreseen = await self._foresee(words)
        status = RunStatus(self.options.cancelled_status)
        end = RunResult(status, foreseen.run_result.summary_stats, words)
        return Foreseen(end, foreseen.stand)

    async def _close_overruled(self, transaction: Connection) -> None:
        """Leave the row as another program has decided it."""
        await self.tables.skip_unfinished(transaction, self.run_id, OVERRULED, ends=False)
        await self._close(transaction, "overruled", OVERRULED, counts=False)

    async def _reopen(self, transaction: Connection, reason: str, *, counts: bool) -> None:
        """Make the run a request again."""
        tries = self.lease["tries"]
        await self.tables.forget_unfinished(transaction, self.run_id)
        reopened = await reopen_run(
            transaction,
            self._attempt,
            outcome="expired",
            reason=reason,
            counts=counts,
            wait=self.options.back_off_after(tries) if counts else None,
            next_alone=counts and tries + 1 >= self.options.max_attempts,
        )
        if not reopened:
            raise errors.update_suppressed()

    async def _end(
        self,
        foreseen: Foreseen,
        message: str,
        *,
        reason: str | None = None,
        cancelled: bool = False,
    ) -> Rescued:
        """End the run, and skip its unfinished tables with `message`; `reason` is the attempt's."""

        async def end(transaction: Connection, ends: Sequence[RunResult]) -> RunResult:
            if not await self.tables.as_foreseen(transaction, self.run_id, foreseen):
                raise _Changed
            accepted = await end_run(
                transaction,
                self.tables,
                self._attempt,
                ends,
                outcome="cancelled" if cancelled else None,
                reason=reason or message,
                skipped=message,
            )
            if accepted is None:
                raise errors.update_suppressed()
            return accepted

        written = await write_end(
            lambda ends: self._write(lambda transaction: end(transaction, ends)),
            foreseen.run_result,
        )
        rescued = self._rescued(written.status, written.error_message or reason or message)
        return replace(rescued, cancelled=cancelled)

    async def _write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in a transaction if the lease and the run are still as they were."""
        async with self.database.transaction() as transaction:
            # First the lease, then the run: the lock order.
            if not await self._take(transaction):
                raise _Changed
            ours = await transaction.fetchval(_LOCK_RUN, self.run_id, self.lease["job"])
            if bool(ours) != self.lease["ours"]:
                raise _Changed
            result = await work(transaction)
            await transaction.execute(_DROP_LEASE, self.run_id, self.lease["token"], True)
        return result

    async def _take(self, transaction: Connection) -> bool:
        lease = self.lease
        return bool(
            await transaction.fetchval(
                _TAKE,
                self.run_id,
                lease["token"],
                lease["cancel_requested"],
                self.adopted is not None,
            )
        )

    @property
    def _attempt(self) -> AttemptAt:
        return AttemptAt(self.run_id, self.lease["attempt"], self.lease["job"])

    async def _close(
        self, transaction: Connection, outcome: str, reason: str, *, counts: bool = True
    ) -> None:
        await close_attempt(
            transaction,
            self.run_id,
            self.lease["attempt"],
            outcome=outcome,
            reason=reason,
            counts=counts,
        )

    def _rescued(self, outcome: str, reason: str) -> Rescued:
        lease = self.lease
        return Rescued(
            run_id=self.run_id,
            attempt=lease["attempt"],
            worker=lease["worker"],
            outcome=outcome,
            reason=reason,
            contract_id=lease["contract_id"],
            triggered_by=lease["triggered_by"],
            cut_off=lease["cut_off"],
        )
