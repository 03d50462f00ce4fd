"""The limits of one attempt."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["AttemptOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOptions:
    """The options of the attempt room."""

    max_request_age: timedelta
    max_schemas: int
    summary_limit: int
    """Bytes of summary_stats: the backend reads all of it at every poll."""
    table_deadline: timedelta
    run_deadline: timedelta
    """For one attempt at a run."""
