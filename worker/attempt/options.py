"""The limits of one attempt."""

from dataclasses import dataclass, field
from datetime import timedelta

from worker.checks.options import CheckOptions
from worker.profiling.dqx_options import DqxOptions

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
    personal: tuple[str, ...] = ()
    """Words by which a contract classifies a column as personal."""
    checks: CheckOptions = field(default_factory=CheckOptions)
    profiler: DqxOptions = field(default_factory=DqxOptions)
    """DQX's own, for tables of which a run says nothing else."""
