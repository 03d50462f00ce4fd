"""What profiling asks of the place where Spark runs."""

import threading
from typing import TYPE_CHECKING, Protocol

from worker.spark.session import SessionKind
from worker.tables.source import Source
from worker.tables.table_types import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Engine"]


class Engine(Protocol):
    """Spark's session, shared by all threads and replaced when it is lost.

    Every method blocks: call it in a thread. Sessions are counted; a thread that met an error
    names its session, so that it is replaced once and not by each thread that met its end.
    """

    def load(self) -> None:
        """Import what the engine needs, so that no other thread imports it beside the start.

        Raises `EngineError` where it is not there, or clashes.
        """
        ...

    def start(self) -> None:
        """Make or find the first session and warm it. Raises `EngineError`."""
        ...

    def stop(self) -> None:
        """Close the session, if it is the engine's own; a start that is under way fails."""
        ...

    @property
    def generation(self) -> int:
        """The number of the session that there is now: 1 for the first one."""
        ...

    @property
    def session(self) -> "SparkSession":
        """The session, in UTC."""
        ...

    @property
    def kind(self) -> SessionKind:
        """How to interrupt the session's work and to keep rows in it."""
        ...

    def read(self, table: Table) -> Source:
        """Return the table, unread. Raises Spark's errors, and `TableError`."""
        ...

    def example(self, rows: "DataFrame") -> "DataFrame":
        """Return rows that were made on the spot as the engine reads a table."""
        ...

    def recover(self, generation: int, error: Exception, stopped: threading.Event) -> bool:
        """Return whether `error`, met in session `generation`, came of its being lost.

        If so it is replaced when this returns: by this thread, or by another one that this waits
        for. If none can be opened for now, `failure` says so. Gives up when `stopped`.
        """
        ...

    @property
    def owns_jvm(self) -> bool:
        """Whether the session's JVM is the engine's own, which may end it."""
        ...

    def end_session(self, generation: int, why: str) -> None:
        """End session `generation`, and all that runs in it, if it is still there; replace it.

        Only for an engine that `owns_jvm`.
        """
        ...

    def renew(self) -> None:
        """Ask the session something that is no query, before it times out; replace a lost one."""
        ...

    @property
    def failure(self) -> str | None:
        """Why there is no session now; None while there is one."""
        ...

    @property
    def broken(self) -> bool:
        """Whether the session is gone for good, and this process can't have another one."""
        ...
