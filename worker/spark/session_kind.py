"""What differs between the two kinds of Spark sessions: embedded ones, and remote ones.

A remote one (Spark Connect: serverless and shared clusters of Databricks) has no SparkContext, and
serverless keeps no rows in memory.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SessionKind", "is_remote", "kind_of"]

_POOL = "spark.scheduler.pool"
# Jobs. A thread's jobs come one after the other, and only the last ones can have tasks left.
_LATEST = 20


class SessionKind(Protocol):
    """How to interrupt the work of a session, and how to keep rows in it."""

    def tagged(self, *tags: str) -> AbstractContextManager[None]:
        """Run what this thread asks of Spark under these tags while the block runs."""
        ...

    def interrupt(self, tag: str) -> None:
        """Interrupt what runs under `tag`, from any thread."""
        ...

    def tasks_left(self, tag: str) -> int:
        """Return how many tasks of the latest jobs under `tag` run; 0 if Spark does not report it.

        Spark's list of tasks lags behind by moments. Raises whatever Spark raises.
        """
        ...

    def keep(self, frame: "DataFrame") -> "DataFrame":
        """Return the same rows, which Spark keeps from their first use on if it can."""
        ...

    def release(self, frame: "DataFrame") -> None:
        """Let Spark forget the rows that it keeps."""
        ...


def kind_of(session: "SparkSession") -> SessionKind:
    """Return the way to deal with `session`."""
    return _Remote(session) if is_remote(session) else _Embedded(session)


def is_remote(session: "SparkSession") -> bool:
    """Return whether `session` is one of Spark Connect."""
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
    def tagged(self, *tags: str) -> Iterator[None]:
        with self._pool() as pool:
            for tag in tags:
                self._context.addJobTag(tag)
            self._context.setInterruptOnCancel(True)
            self._context.setLocalProperty(_POOL, pool)
            try:
                yield
            finally:
                # A context that is lost has nothing to forget, and its error would hide the cause.
                with suppress(Exception):
                    for tag in tags:
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

    def tasks_left(self, tag: str) -> int:
        # pyspark 4.3 has all of the tracker but this one method.
        tracker: Any = self._context._jsc.sc().statusTracker()  # noqa: SLF001
        public = self._context.statusTracker()
        jobs = map(public.getJobInfo, sorted(tracker.getJobIdsForTag(tag))[-_LATEST:])
        numbers = {number for job in jobs if job is not None for number in job.stageIds}
        stages = map(public.getStageInfo, numbers)
        return sum(stage.numActiveTasks for stage in stages if stage is not None)

    def keep(self, frame: "DataFrame") -> "DataFrame":
        return frame.persist()

    def release(self, frame: "DataFrame") -> None:
        frame.unpersist()


class _Remote:
    """A session behind Spark Connect. A sample is drawn again for each action, with its seed."""

    def __init__(self, session: "SparkSession") -> None:
        self._session = session

    @contextmanager
    def tagged(self, *tags: str) -> Iterator[None]:
        for tag in tags:
            self._session.addTag(tag)
        try:
            yield
        finally:
            for tag in tags:
                self._session.removeTag(tag)

    def interrupt(self, tag: str) -> None:
        self._session.interruptTag(tag)

    def tasks_left(self, tag: str) -> int:  # noqa: ARG002
        """Return 0: Spark Connect reports operations, and an interrupted one has ended."""
        return 0

    def keep(self, frame: "DataFrame") -> "DataFrame":
        return frame

    def release(self, frame: "DataFrame") -> None:
        """Do nothing: nothing is kept."""
