"""How a run ends."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["RunStatus", "Verdict"]


class RunStatus(StrEnum):
    """The statuses that end a run."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Written only where a setting says that the backend knows it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run ends. `summary_stats` is JSON; a failed run has an `error_message`."""

    status: RunStatus
    summary_stats: str
    error_message: str | None = None
