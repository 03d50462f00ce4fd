"""What profiling asks of the place where Spark runs."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from worker.profiling.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Engine"]


class Engine(Protocol):
    """One Spark session, made once. Every method blocks: call it in a thread."""

    def start(self) -> None:
        """Make the session and warm it. Raises `EngineError`."""
        ...

    def stop(self) -> None:
        """Close the session."""
        ...

    @property
    def session(self) -> "SparkSession":
        """The session, in UTC."""
        ...

    def read(self, table: Table) -> "DataFrame":
        """Return the table, unread. Raises Spark's errors."""
        ...

    def tagged(self, tag: str) -> AbstractContextManager[None]:
        """Run what this thread asks of Spark under `tag` while the block runs."""
        ...

    def interrupt(self, tag: str) -> None:
        """Interrupt what runs under `tag`, from any thread."""
        ...
