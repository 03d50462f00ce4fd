"""How a worker takes part in the queue."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["QueueOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOptions:
    """The options of the queue room."""

    worker: str
    """This process' name in the tables: unique, and never used again after a restart."""
    engine: str
    slots: int
    lease: timedelta
    """How long a worker may be silent before its runs are another's."""
    claim_delay: timedelta
    """The least age of a request: time in which a backend that still launches jobs sets run_id."""
    poll_interval: timedelta

    @property
    def beat_interval(self) -> timedelta:
        """Three beats a lease: one may get lost."""
        return self.lease / 3
