"""Where Spark runs, and how long its work may hang."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from worker.options.setting import setting
from worker.options.values import Duration
from worker.spark.engine_kind import EngineKind
from worker.spark.installed_extra import installed_engine
from worker.spark.setting_values import Heap, Remote
from worker.workspace.options import WorkspaceOptions

__all__ = ["SparkOptions", "SparkSettings"]


def _default_engine(settled: dict[str, Any]) -> EngineKind:
    return EngineKind.RUNTIME if settled.get("runtime_version") else installed_engine()


@dataclass(frozen=True, kw_only=True)
class SparkSettings:
    """What an operator may set of Spark."""

    engine: Annotated[
        EngineKind,
        setting(
            "DQX_WORKER_ENGINE",
            "Place at which Spark runs: `local`, `connect`, `databricks` or `runtime`. See "
            "[engines.md](engines.md).",
            default_factory=_default_engine,
        ),
    ]
    remote: Annotated[
        Remote | None,
        setting(
            "SPARK_REMOTE", "Spark Connect server for the engine `connect`: `sc://host:15002`."
        ),
    ] = None
    spark_memory: Annotated[
        Heap, setting("DQX_WORKER_SPARK_MEMORY", "Heap size of the embedded Spark.")
    ] = "2g"
    keep_session: Annotated[
        Duration,
        setting(
            "DQX_WORKER_KEEP_SESSION",
            "Interval between queries that keep an idle Spark session alive. `0s` disables them.",
            ge=timedelta(0),
        ),
    ] = timedelta(minutes=5)
    stuck_threads: Annotated[
        int,
        setting(
            "DQX_WORKER_STUCK_THREADS",
            "Maximum number of threads that hang in Spark or a file system and are replaced. With "
            "more of them the worker exits with code 12.",
            ge=0,
        ),
    ] = 4
    kill_timeout: Annotated[
        Duration,
        setting(
            "DQX_WORKER_KILL_TIMEOUT",
            "Time for which tasks of a cancelled table may continue in Spark. Then the JVM of "
            "`local` is replaced.",
            gt=timedelta(0),
        ),
    ] = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class SparkOptions(SparkSettings):
    """The options of the room of Spark."""

    workspace: WorkspaceOptions = field(default_factory=WorkspaceOptions)
    """Whose compute the engine `databricks` works on."""

    @property
    def in_job(self) -> bool:
        """Whether the process runs in a Databricks job or notebook, which has a session."""
        return self.workspace.runtime
