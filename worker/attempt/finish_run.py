"""The last writes of an attempt: its run's end, or its way back into the queue."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import anyio

from worker.attempt import errors
from worker.attempt.abandoned_run import early_end
from worker.attempt.count_ends import count_attempt, count_end
from worker.attempt.outcome import Abandoned, Ended, Postponed, Stuck, TakenAway
from worker.attempt.shielded_write import uninterrupted
from worker.concurrency.backoff import doubling
from worker.database.errors import DatabaseError
from worker.metrics.instruments import LEASES_LOST
from worker.metrics.labels import AttemptOutcome, Reason
from worker.progress.completed_or_failed import refusal
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.errors import stuck
from worker.queue.fallback_run_end import in_ascii, may_pass, write_end
from worker.queue.finish_lease import (
    close_overruled,
    close_stuck,
    finish,
    finish_cancelled,
    foresee_cancelled,
    give_back,
    postpone,
    requested_cancel,
)
from worker.queue.lease import Lease, LeaseLost, RunCancelled, RunOverruled
from worker.queue.options import QueueOptions
from worker.queue.run_result import RunResult, RunStatus
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["LastWrites"]

log = get_logger(__name__)

_NO_FACTS: Mapping[str, float] = {}
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 15.0


@dataclass(frozen=True, slots=True)
class LastWrites:
    """Writes what Postgres takes, as long as the lease is held. A cancellation waits for a moment.

    An outage is waited for. An end that Postgres refuses is tried again for a while; then the
    lease is closed, and the run is stuck.
    """

    queue: QueueOptions
    ledger: StoredRunProgress

    async def end(
        self,
        lease: Lease,
        end: RunResult,
        why: Reason,
        *,
        skipped: str | None = None,
        facts: Mapping[str, float] = _NO_FACTS,
        defect: Exception | None = None,
    ) -> Ended | Stuck:
        """End the run; `skipped` is why unfinished tables are skipped.

        `facts` and `defect`, an unexpected error, are for the log.

        Raises `LeaseLost`, `RunOverruled`, `RunCancelled` or `DatabaseRefused`.
        """
        written = await self._write(
            lease, end, lambda ends: finish(lease, self.ledger, *ends, skipped=skipped)
        )
        if isinstance(written, Stuck):
            return written
        count_end(lease, written, why)
        if written.status is RunStatus.COMPLETED:
            log.info(Event.RUN_COMPLETED, **facts)
        elif defect is None:
            log.warning(Event.RUN_FAILED, error=written.error_message, **facts)
        else:
            log.error(Event.RUN_FAILED, error=written.error_message, **facts, exc_info=defect)
        return Ended(written)

    async def end_early(self, lease: Lease, reason: str, why: Reason) -> Ended | Stuck:
        """End the run: tables that are done stay, the others are skipped. Raises as `end`."""
        end = await early_end(lease, reason, self.ledger)
        return await self.end(lease, end, why, skipped=reason)

    async def cancel(self, lease: Lease) -> TakenAway | Abandoned:
        """End the run as the operator's words in the lease say."""
        try:
            words = await uninterrupted(lambda: requested_cancel(lease))
            end = await foresee_cancelled(lease, self.ledger, words, self.queue.cancelled_status)
            written = await self._write(
                lease, end, lambda ends: finish_cancelled(lease, self.ledger, *ends, words=words)
            )
        except (LeaseLost, RunOverruled) as lost:
            return await self.take_away(lease, lost)
        except DatabaseError as error:
            return _abandoned(error)
        if isinstance(written, Stuck):
            return written
        count_end(lease, written, Reason.CANCELLED)
        log.warning(Event.RUN_CANCELLED, reason=words)
        return TakenAway(words)

    async def take_away(self, lease: Lease, lost: Exception | None = None) -> TakenAway:
        """Close what is left of an attempt whose run was decided by another program.

        `lost` is the error that says so; without it the heartbeat has logged the loss.
        """
        reason = str(lost) if lost else errors.taken_away()
        if isinstance(lost, LeaseLost):
            LEASES_LOST.inc()
            log.warning(Event.LEASE_LOST, reason=reason)
        elif lost is not None:
            log.warning(Event.LEASE_OVERRULED, reason=reason)
        try:
            await uninterrupted(lambda: close_overruled(lease, self.ledger))
        except DatabaseError as error:
            _abandoned(error)
        else:
            count_attempt(AttemptOutcome.TAKEN_AWAY)
        return TakenAway(reason)

    async def postpone(
        self, lease: Lease, reason: str, wait: timedelta
    ) -> Postponed | Ended | Stuck:
        """Make the run a request again for after `wait`. Raises as `end`."""
        try:
            await uninterrupted(lambda: postpone(lease, self.ledger, reason, wait))
        except DatabaseError as error:
            if may_pass(error):
                raise
            return await self.end(lease, refusal(str(error)), Reason.DATABASE, skipped=reason)
        count_attempt(AttemptOutcome.POSTPONED)
        log.warning(Event.RUN_POSTPONED, reason=reason, wait_s=wait.total_seconds())
        return Postponed(reason)

    async def let_go(self, lease: Lease) -> None:
        """Give the run back; the launcher of a job decides on another try, so that one ends."""
        try:
            if lease.job:
                await self.end_early(lease, errors.job_stopped(), Reason.STOPPED)
                return
            reason = errors.worker_stopped()
            await give_back(lease, self.ledger, reason)
            count_attempt(AttemptOutcome.GIVEN_BACK)
            log.info(Event.RUN_GIVEN_BACK, reason=reason)
        except RunCancelled:
            await self.cancel(lease)
        except (LeaseLost, RunOverruled) as lost:
            await self.take_away(lease, lost)
        except DatabaseError as error:
            _abandoned(error)

    async def _write(
        self,
        lease: Lease,
        end: RunResult,
        write: Callable[[Sequence[RunResult]], Awaitable[RunResult]],
    ) -> RunResult | Stuck:
        for pause in _pauses(self.queue.end_patience):
            try:
                return await uninterrupted(lambda: write_end(write, end))
            except DatabaseError as error:
                if may_pass(error):
                    raise
                refused = error
            log.warning(Event.RUN_END_REFUSED, error=str(refused), wait_s=pause)
            # Meanwhile the run may be decided by another program.
            lease.closing = False
            await anyio.sleep(pause)
        reason = stuck(str(refused))
        await uninterrupted(lambda: close_stuck(lease, in_ascii(reason)))
        count_attempt(AttemptOutcome.STUCK)
        log.error(Event.RUN_STUCK, reason=reason)
        return Stuck(refused)


def _pauses(patience: timedelta) -> Iterator[float]:
    """Yield the seconds to wait after each try, until `patience` is used up."""
    left = patience.total_seconds()
    for pause in doubling(_FIRST_PAUSE, _LONGEST_PAUSE):
        if left <= 0:
            return
        yield min(pause, left)
        left -= pause


def _abandoned(error: DatabaseError) -> Abandoned:
    count_attempt(AttemptOutcome.ABANDONED)
    log.error(Event.RUN_ABANDONED, error=str(error))
    return Abandoned(error)
