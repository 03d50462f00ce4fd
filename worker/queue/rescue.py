"""Taking over what a worker that died has left: by any worker, a transaction for each lease."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from worker.database.errors import DatabaseConflict
from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.queue import errors
from worker.queue.end import close_attempt, end_as_cancelled, end_unfinished, reopen_run
from worker.queue.finish import OVERRULED
from worker.queue.options import QueueOptions
from worker.queue.tables import Tables
from worker.telemetry.text import joined

__all__ = ["Rescued", "rescue", "rescue_run"]

_EXPIRED = load_sql(__package__, "expired_leases")
_TAKE = load_sql(__package__, "take_expired")
_LOCK_RUN = load_sql(__package__, "lock_any_run")
_REASONS = load_sql(__package__, "reasons")
_DROP_LEASE = load_sql(__package__, "drop_lease")

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Rescued:
    """A run whose lease had expired: whose that was, and what became of the run."""

    run_id: str
    attempt: int
    worker: str
    outcome: str
    """`pending`, the status that it ended with, or `overruled`."""
    reason: str


async def rescue(database: Database, options: QueueOptions, tables: Tables) -> list[Rescued]:
    """Take over at most a hundred expired leases and return what became of their runs.

    Where somebody has locked one, or its run, that is left for the next time.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(_EXPIRED, _AT_ONCE, options.lease)
    rescued = []
    for row in rows:
        try:
            async with database.transaction() as transaction:
                one = await rescue_run(transaction, row["run_id"], options, tables)
        except DatabaseConflict:
            continue
        if one is not None:
            rescued.append(one)
    return rescued


async def rescue_run(
    transaction: Connection,
    run_id: str,
    options: QueueOptions,
    tables: Tables,
    *,
    adopted: str | None = None,
) -> Rescued | None:
    """Take over the lease on one run; None where it has not expired, or somebody writes under it.

    `adopted` are the words of an operator who gave the run that lease: it costs no try. Raises
    `DatabaseConflict` where somebody has locked the run.
    """
    lease = await transaction.fetchrow(_TAKE, run_id)
    if lease is None:
        return None
    # First the lease, then the run: the lock order.
    run = await transaction.fetchrow(_LOCK_RUN, run_id)
    take_over = _TakeOver(transaction, run_id, lease, options, tables)
    if run is None or run["status"] != "running" or (run["run_id"] and not lease["job"]):
        rescued = await take_over.close_overruled()
    elif lease["cancel_requested"] is not None:
        rescued = await take_over.end_cancelled()
    else:
        rescued = await take_over.end_or_reopen(adopted)
    await transaction.execute(_DROP_LEASE, run_id, lease["token"], True)
    return rescued


@dataclass(frozen=True, slots=True)
class _TakeOver:
    """What to do about a run whose lease has expired and is locked, and so is the run."""

    transaction: Connection
    run_id: str
    lease: Any
    options: QueueOptions
    tables: Tables

    async def close_overruled(self) -> Rescued:
        """Leave the row as somebody has decided it."""
        await self.tables.skip_unfinished(self.transaction, self.run_id, OVERRULED)
        await self._close("overruled", OVERRULED, counts=False)
        return self._rescued("overruled", OVERRULED)

    async def end_cancelled(self) -> Rescued:
        """End the run as an operator's words say, which its worker did not live to do."""
        words: str = self.lease["cancel_requested"]
        verdict = await end_as_cancelled(
            self.transaction,
            self.tables,
            self.run_id,
            self.lease["attempt"],
            words,
            status=self.options.cancelled_status,
        )
        return self._rescued(verdict.status, words)

    async def end_or_reopen(self, adopted: str | None) -> Rescued:
        """Make the run a request again, or end it: a job's, and one whose tries are used up."""
        lease = self.lease
        silent = f"{lease['silent'].total_seconds():.0f}"
        reason = adopted or errors.not_heard_of(lease["worker"], silent)
        counts = not (lease["cut_off"] or adopted)
        if lease["job"]:
            return await self._end(reason, reason)
        if counts and lease["tries"] >= self.options.max_attempts:
            return await self._end(await self._reasons(reason), reason)
        await reopen_run(self.transaction, self.run_id)
        await self.tables.forget_unfinished(self.transaction, self.run_id)
        wait = self.options.back_off_after(lease["tries"]) if counts else None
        last = counts and lease["tries"] + 1 >= self.options.max_attempts
        await self._close("expired", reason, counts=counts, wait=wait, next_alone=last)
        return self._rescued("pending", reason)

    async def _end(self, message: str, reason: str) -> Rescued:
        verdict = await end_unfinished(
            self.transaction,
            self.tables,
            self.run_id,
            self.lease["attempt"],
            message,
            reason=reason,
        )
        return self._rescued(verdict.status, verdict.error_message or reason)

    async def _reasons(self, last: str) -> str:
        """Return why none of the run's tries ended it, the last one's reason at the end."""
        earlier = await self.transaction.fetch(_REASONS, self.run_id, self.lease["tries"] - 1)
        told = [f"attempt {row['number']}: {row['reason']}" for row in earlier]
        told.append(f"attempt {self.lease['attempt']}: {last}")
        return errors.tries_used_up(len(told), joined(told))

    async def _close(
        self,
        outcome: str,
        reason: str,
        *,
        counts: bool = True,
        wait: timedelta | None = None,
        next_alone: bool = False,
    ) -> None:
        await close_attempt(
            self.transaction,
            self.run_id,
            self.lease["attempt"],
            outcome=outcome,
            reason=reason,
            counts=counts,
            wait=wait,
            next_alone=next_alone,
        )

    def _rescued(self, outcome: str, reason: str) -> Rescued:
        return Rescued(self.run_id, self.lease["attempt"], self.lease["worker"], outcome, reason)
