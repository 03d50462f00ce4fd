"""Where Spark may run."""

from enum import StrEnum

__all__ = ["EngineKind"]


class EngineKind(StrEnum):
    """Where Spark runs."""

    LOCAL = "local"
    CONNECT = "connect"
    DATABRICKS = "databricks"
    RUNTIME = "runtime"
