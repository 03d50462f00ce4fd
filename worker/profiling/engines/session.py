"""What differs between the two kinds of Spark sessions: embedded ones, and remote ones.

A remote one (Spark Connect: serverless and shared clusters of Databricks) has no SparkContext, and
serverless keeps no rows in memory.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from worker.profiling import errors

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["HeldSession", "SessionKind", "is_remote", "kind_of"]


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


class HeldSession:
    """The session that an engine has made or found, between its start and its stop."""

    def __init__(self) -> None:
        self._session: SparkSession | None = None

    @property
    def session(self) -> "SparkSession":
        """The session, in UTC. Raises `EngineError` where there is none."""
        if self._session is None:
            raise errors.not_started()
        return self._session

    @property
    def lost(self) -> bool:
        """Whether the session is gone for good: nothing that can be told of somebody else's."""
        return False

    @property
    def kind(self) -> SessionKind:
        """How to interrupt the session's work and to keep rows in it."""
        return kind_of(self.session)


def is_remote(session: "SparkSession") -> bool:
    """Tell whether `session` is one of Spark Connect."""
    # By its class alone: Databricks gives both kinds under one name.
    return type(session).__module__.startswith("pyspark.sql.connect")


class _Embedded:
    """A session in a JVM beside this process.

    The tag is the context's: with pyspark 4.3 an embedded session's own `interruptTag` finds none
    of its jobs.
    """

    def __init__(self, session: "SparkSession") -> None:
        self._context = session.sparkContext

    @contextmanager
    def tagged(self, tag: str) -> Iterator[None]:
        self._context.addJobTag(tag)
        self._context.setInterruptOnCancel(True)
        try:
            yield
        finally:
            self._context.removeJobTag(tag)

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
