"""Where Spark runs, and how long its work may hang."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from pydantic import SecretStr

from worker.workspace.options import WorkspaceOptions

__all__ = ["EngineKind", "SparkOptions"]


class EngineKind(StrEnum):
    """Where Spark runs."""

    LOCAL = "local"
    CONNECT = "connect"
    DATABRICKS = "databricks"
    RUNTIME = "runtime"


@dataclass(frozen=True, kw_only=True)
class SparkOptions:
    """The options of the room of Spark."""

    engine: EngineKind
    spark_memory: str
    """The heap of the embedded JVM, as Spark writes sizes: `2g`."""
    remote: SecretStr | None = None
    """The address of a Spark Connect server, `sc://…`; it may hold a token."""
    workspace: WorkspaceOptions = field(default_factory=WorkspaceOptions)
    """Whose compute the engine `databricks` works on."""
    in_job: bool = False
    """Whether the process runs in a Databricks job or notebook, which has a session."""
    keep_session: timedelta = timedelta(0)
    """After so long without work the session is asked something; 0 switches that off."""
    stuck_limit: int
    """Threads that hang in Spark or files and are replaced, before the process has to be."""
    kill_timeout: timedelta = timedelta(seconds=30)
    """How long tasks of a table may go on in Spark after the table was given up."""
