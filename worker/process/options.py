"""All options of one worker process, a part for each room."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from worker.attempt.options import AttemptOptions
from worker.credentials.options import CredentialOptions
from worker.database.options import DatabaseOptions
from worker.options.setting import setting
from worker.options.values import Duration, FromText, PositiveDuration
from worker.probes.options import ProbeOptions
from worker.profiling.options import ProfilingOptions
from worker.queue.options import QueueOptions, Retention
from worker.tracing.options import ExportOptions
from worker.workspace.options import WorkspaceOptions

__all__ = ["ProcessSettings", "WorkerOptions"]


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """What an operator may set of a process as a whole.

    Polling keeps a database awake that scales to zero.
    """

    migrate: Annotated[
        bool,
        setting(
            "DQX_WORKER_MIGRATE", "Whether `run` and `job` migrate that schema when they start."
        ),
    ] = False
    start_patience: Annotated[
        Duration,
        setting(
            "DQX_WORKER_START_PATIENCE",
            "Time for which `run` and `job` wait at their start for an unavailable Postgres or "
            "database token. With `0s` they do not wait.",
        ),
    ] = timedelta(minutes=5)
    grace: Annotated[
        timedelta,
        setting(
            "DQX_WORKER_GRACE",
            "Time from SIGTERM to the end of the process. The last 5 s serve to give runs back.",
            ge=timedelta(seconds=6),
        ),
        FromText,
    ] = timedelta(seconds=15)
    idle: Annotated[
        Literal["poll", "sleep"],
        setting(
            "DQX_WORKER_IDLE",
            "Behaviour of an idle worker: `poll`, or `sleep`, which lets a database scale to zero."
            " See [lakebase.md](lakebase.md).",
        ),
    ] = "poll"
    idle_after: Annotated[
        PositiveDuration,
        setting(
            "DQX_WORKER_IDLE_AFTER",
            "With `sleep`: time without work after which every connection is closed.",
        ),
    ] = timedelta(minutes=10)
    idle_interval: Annotated[
        PositiveDuration,
        setting(
            "DQX_WORKER_IDLE_INTERVAL",
            "With `sleep`: interval between two looks for requests while asleep.",
        ),
    ] = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class WorkerOptions(ProcessSettings):
    """The options of a worker process."""

    database: DatabaseOptions
    credentials: CredentialOptions
    workspace: WorkspaceOptions
    queue: QueueOptions
    profiling: ProfilingOptions
    attempt: AttemptOptions
    retention: Retention
    probes: ProbeOptions | None
    """None serves none."""
    export: ExportOptions
