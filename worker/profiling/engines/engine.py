"""What profiling asks of the place where Spark runs."""

from typing import TYPE_CHECKING, Protocol

from worker.profiling.engines.session import SessionKind
from worker.profiling.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Engine"]


class Engine(Protocol):
    """One Spark session, made or found once. Every method blocks: call it in a thread."""

    def start(self) -> None:
        """Make or find the session and warm it. Raises `EngineError`."""
        ...

    def stop(self) -> None:
        """Close the session, if it is the engine's own."""
        ...

    @property
    def session(self) -> "SparkSession":
        """The session, in UTC."""
        ...

    @property
    def lost(self) -> bool:
        """Whether the session is gone for good, and this process can't make another one."""
        ...

    def read(self, table: Table) -> "DataFrame":
        """Return the table, unread. Raises Spark's errors."""
        ...

    @property
    def kind(self) -> SessionKind:
        """How to interrupt the session's work and to keep rows in it."""
        ...
