"""Everything that one worker process is told, a part for each room."""

from dataclasses import dataclass
from datetime import timedelta

from worker.attempt.options import AttemptOptions
from worker.database.options import DatabaseOptions
from worker.database.password import PasswordSource
from worker.profiling.options import ProfilingOptions
from worker.queue.options import QueueOptions
from worker.workspace.options import WorkspaceOptions

__all__ = ["WorkerOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """The options of a worker process."""

    database: DatabaseOptions
    passwords: PasswordSource
    queue: QueueOptions
    profiling: ProfilingOptions
    workspace: WorkspaceOptions
    attempt: AttemptOptions
    migrate: bool
    """Bring the worker's own schema up to date at start, instead of refusing an old one."""
    grace: timedelta
    """From the first signal to the end of the process."""
