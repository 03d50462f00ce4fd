"""Everything that one worker process is told, a part for each room."""

from dataclasses import dataclass
from datetime import timedelta

from worker.attempt.options import AttemptOptions
from worker.credentials.options import CredentialOptions
from worker.database.options import DatabaseOptions
from worker.probes.options import ProbeOptions
from worker.profiling.options import ProfilingOptions
from worker.queue.options import QueueOptions, Retention
from worker.workspace.options import WorkspaceOptions

__all__ = ["IdleOptions", "WorkerOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleOptions:
    """When to let the database go, and how often to look for requests then."""

    after: timedelta
    interval: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """The options of a worker process."""

    database: DatabaseOptions
    credentials: CredentialOptions
    workspace: WorkspaceOptions
    queue: QueueOptions
    profiling: ProfilingOptions
    attempt: AttemptOptions
    retention: Retention
    idle: IdleOptions | None
    """None keeps polling, and with that a database that scales to zero awake."""
    migrate: bool
    """Bring the worker's own schema up to date at start, instead of refusing an old one."""
    start_patience: timedelta
    """How long to wait at the start for a Postgres that is away; zero raises at once."""
    grace: timedelta
    """From the first signal to the end of the process."""
    probes: ProbeOptions | None
    """None serves none."""
