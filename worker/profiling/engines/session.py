"""What differs between the two kinds of Spark sessions: embedded ones, and remote ones.

A remote one (Spark Connect: serverless and shared clusters of Databricks) has no SparkContext, and
serverless keeps no rows in memory.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SessionKind", "is_remote", "kind_of"]

_POOL = "spark.scheduler.pool"


class SessionKind(Protocol):
    """How to interrupt the work of a session, and how to keep rows in it."""

    def tagged(self, tag: str) -> AbstractContextManager[None]:
        """Run what this thread asks of Spark under `tag` while the block runs."""
        ...

    def interrupt(self, tag: str) -> None:
        """Interrupt what runs under `tag`, from any thread."""
        ...

    def keep(self, frame: "DataFrame") -> "DataFrame":
        """Return the same rows, which Spark keeps from their first use on where it can."""
        ...

    def release(self, frame: "DataFrame") -> None:
        """Let Spark forget the rows that it keeps."""
        ...


def kind_of(session: "SparkSession") -> SessionKind:
    """Return the way to deal with `session`."""
    return _Remote(session) if is_remote(session) else _Embedded(session)


def is_remote(session: "SparkSession") -> bool:
    """Tell whether `session` is one of Spark Connect."""
    # By its class alone: Databricks gives both kinds under one name.
    return type(session).__module__.startswith("pyspark.sql.connect")


class _Embedded:
    """A session in a JVM beside this process.

    The tag is the context's: with pyspark 4.3 an embedded session's own `interruptTag` finds none
    of its jobs. Each thread has a pool of Spark's fair scheduler, or a table of many jobs would
    come before one of few. Pools are numbered: Spark never forgets one.
    """

    def __init__(self, session: "SparkSession") -> None:
        self._context = session.sparkContext
        self._lock = threading.Lock()
        self._pools: set[int] = set()

    @contextmanager
    def tagged(self, tag: str) -> Iterator[None]:
        with self._pool() as pool:
            self._context.addJobTag(tag)
            self._context.setInterruptOnCancel(True)
            self._context.setLocalProperty(_POOL, pool)
            try:
                yield
            finally:
                # A context that is lost has nothing to forget, and its error would hide the cause.
                with suppress(Exception):
                    self._context.removeJobTag(tag)
                    self._context.setLocalProperty(_POOL, None)  # type: ignore[arg-type]

    @contextmanager
    def _pool(self) -> Iterator[str]:
        with self._lock:
            number = next(one for one in count(1) if one not in self._pools)
            self._pools.add(number)
        try:
            yield f"table {number}"
        finally:
            with self._lock:
                self._pools.discard(number)

    def interrupt(self, tag: str) -> None:
        self._context.cancelJobsWithTag(tag)

    def keep(self, frame: "DataFrame") -> "DataFrame":
        return frame.persist()

    def release(self, frame: "DataFrame") -> None:
        frame.unpersist()


class _Remote:
    """A session behind Spark Connect. A sample is drawn again for each action, with its seed."""

    def __init__(self, session: "SparkSession") -> None:
        self._session = session

    @contextmanager
    def tagged(self, tag: str) -> Iterator[None]:
        self._session.addTag(tag)
        try:
            yield
        finally:
            self._session.removeTag(tag)

    def interrupt(self, tag: str) -> None:
        self._session.interruptTag(tag)

    def keep(self, frame: "DataFrame") -> "DataFrame":
        return frame

    def release(self, frame: "DataFrame") -> None:
        """Do nothing: nothing is kept."""
