"""Counts how attempts and runs end."""

from worker.metrics.instruments import ATTEMPTS, RUN_WORK, RUNS
from worker.metrics.labels import AttemptOutcome, Reason
from worker.queue.lease import Lease
from worker.queue.run_result import RunResult, RunStatus

__all__ = ["count_attempt", "count_end"]


def count_end(lease: Lease, end: RunResult, reason: Reason) -> None:
    """Count an attempt that has ended its run as `end`, for `reason` unless `end` differs."""
    if end.status is RunStatus.COMPLETED:
        reason = Reason.PROFILED
    elif reason is Reason.PROFILED:
        # Postgres refused that end, and took another one.
        reason = Reason.DATABASE
    outcome = AttemptOutcome.CANCELLED if reason is Reason.CANCELLED else AttemptOutcome(end.status)
    ATTEMPTS.labels(outcome).inc()
    RUNS.labels(end.status, reason).inc()
    RUN_WORK.observe(lease.seconds)


def count_attempt(outcome: AttemptOutcome) -> None:
    """Count an attempt that has not ended its run."""
    ATTEMPTS.labels(outcome).inc()
