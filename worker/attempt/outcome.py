"""How an attempt ends, and how a run does, from how its tables ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.attempt import errors
from worker.attempt.summary import assemble, refused
from worker.attempt.table_progress import TableRecord
from worker.database.errors import DatabaseError
from worker.queue.run_result import RunResult, RunStatus
from worker.telemetry.text import joined

__all__ = [
    "Abandoned",
    "Ended",
    "Outcome",
    "Postponed",
    "Stuck",
    "TakenAway",
    "first_of",
    "reason_of",
    "refusal",
    "run_result",
]

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Ended:
    """The run has ended. `error` kept it from being worked on, where that is not its own fault."""

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


def run_result(records: Sequence[TableRecord], summary_limit: int) -> RunResult:
    """Return `completed` where every table was profiled, else `failed` with each cause."""
    failed = [record for record in records if record.error is not None]
    summary = assemble(records, summary_limit)
    if not failed:
        return RunResult(RunStatus.COMPLETED, summary)
    return RunResult(RunStatus.FAILED, summary, _message(failed, len(records)))


def refusal(reason: str) -> RunResult:
    """Return the end of a run whose request could not be worked on."""
    return RunResult(RunStatus.FAILED, refused(reason), reason)


def _message(failed: Sequence[TableRecord], total: int) -> str:
    causes = joined([f"{record.schema_name}: {record.error}" for record in failed[:_LISTED]])
    more = len(failed) - _LISTED
    rest = f"; and {more} more (see summary_stats)" if more > 0 else ""
    noun = "schema" if total == 1 else "schemas"
    return errors.tables_failed(len(failed), total, noun, causes + rest)
