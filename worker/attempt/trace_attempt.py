"""The root span of an attempt at a run, and how it ends."""

import time
from contextlib import AbstractContextManager

from worker.attempt.outcome import Abandoned, Ended, Outcome, Postponed, Stuck, TakenAway, reason_of
from worker.metrics.labels import AttemptOutcome
from worker.queue.lease import Lease
from worker.tracing.spans import Attempt, attempt_span, note_outcome

__all__ = ["trace_outcome", "traced_attempt"]


def traced_attempt(lease: Lease) -> AbstractContextManager[None]:
    """Trace the attempt, from its claim on."""
    now = time.monotonic()
    return attempt_span(
        Attempt(
            lease.run.id,
            lease.run.contract_id,
            lease.attempt,
            asked=now - min(lease.asked, lease.began),
            answered=now - lease.began,
        )
    )


def trace_outcome(outcome: Outcome) -> None:
    """Note in the current span how the attempt has ended."""
    match outcome:
        case Ended(result):
            note_outcome(result.status, result.error_message)
        case TakenAway():
            note_outcome(AttemptOutcome.TAKEN_AWAY)
        case Postponed(reason):
            note_outcome(AttemptOutcome.POSTPONED, reason)
        case Stuck(error):
            note_outcome(AttemptOutcome.STUCK, reason_of(error))
        case Abandoned(error):
            note_outcome(AttemptOutcome.ABANDONED, reason_of(error))
