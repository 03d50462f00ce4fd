"""How a run ends."""

from dataclasses import dataclass
from enum import StrEnum

from worker.database.storable_text import storable
from worker.telemetry.text import bounded

__all__ = ["RunResult", "RunStatus"]


class RunStatus(StrEnum):
    """The statuses that end a run."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Written only if a setting says that the backend knows it."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ends. `summary_stats` is JSON; a failed run has an `error_message`.

    The message may repeat text of any length: it is cut to `MESSAGE_LIMIT`. Each is None only in
    what is written because Postgres has refused more.
    """

    status: RunStatus
    summary_stats: str | None
    error_message: str | None = None

    def __post_init__(self) -> None:
        """Make the message one that Postgres can store and a backend can poll."""
        if self.error_message is not None:
            object.__setattr__(self, "error_message", storable(bounded(self.error_message)))
