"""How an attempt ends."""

from dataclasses import dataclass

from worker.attempt import errors
from worker.database.errors import DatabaseError
from worker.queue.run_result import RunResult, RunStatus

__all__ = [
    "Abandoned",
    "Ended",
    "Outcome",
    "Postponed",
    "Stuck",
    "TakenAway",
    "first_of",
    "reason_of",
]


@dataclass(frozen=True, slots=True)
class Ended:
    """The run has ended. `error` kept it from being worked on, if that is not its own fault."""

    run_result: RunResult
    error: Exception | None = None

    @property
    def failed(self) -> bool:
        """Whether the run ended as failed."""
        return self.run_result.status is RunStatus.FAILED


@dataclass(frozen=True, slots=True)
class TakenAway:
    """Another program decided the run, or another worker holds it; nothing more was written."""

    reason: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """The run waits and is tried again: what kept it from being done may pass."""

    reason: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The run's end could not be written because of `error`; the lease is still open."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Stuck(Abandoned):
    """Postgres refuses every end of the run; its lease is closed, its row stays as it is."""


Outcome = Ended | TakenAway | Postponed | Abandoned


def first_of(error: Exception) -> Exception:
    """Return `error`, or the first one in the groups that task groups make."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def reason_of(error: Exception) -> str:
    """Return the text for `error` in a run's row: Postgres' condition, or the kind of a defect."""
    if isinstance(error, DatabaseError):
        return str(error)
    return errors.own_error(type(error).__name__)
