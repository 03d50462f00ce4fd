"""The engine `runtime`: the session of the Databricks job or notebook that the process runs in."""

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from worker.spark import errors
from worker.spark.engine import Engine
from worker.spark.error_conditions import condition
from worker.spark.session_kind import is_remote
from worker.tables import file_errors
from worker.tables.source import Source
from worker.tables.table_types import FileTable, Table
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["RuntimeEngine"]

log = get_logger(__name__)

_TIME_ZONE = "spark.sql.session.timeZone"
_CLUSTER = "spark.databricks.clusterUsageTags.clusterId"


class RuntimeEngine(Engine):
    """Uses a session that another program owns: it is never closed, and left as it was found."""

    def __init__(self, *, in_job: bool) -> None:
        super().__init__()
        self._in_job = in_job
        self._time_zone: str | None = None

    @property
    def broken(self) -> bool:
        """Whether the session is lost: only the program that owns it could open another."""
        return self._failure is not None

    def load(self) -> None:
        """Import pyspark, which the runtime brings."""
        try:
            import pyspark.sql  # noqa: F401
        except ImportError as error:
            raise errors.no_runtime("no pyspark") from error

    def read(self, table: Table) -> Source:
        """Return the table, unread. Raises Spark's errors; `TableError` for a file."""
        if isinstance(table, FileTable):
            raise file_errors.path_elsewhere(str(table))
        return Source(self.session.table(table.quoted))

    def _make(self, stopped: threading.Event) -> "SparkSession":  # noqa: ARG002
        """Find the session and ask it something."""
        if self._held is not None:
            raise errors.session_lost()
        began = time.monotonic()
        session = self._found()
        try:
            self._time_zone = session.conf.get(_TIME_ZONE)
            session.conf.set(_TIME_ZONE, "UTC")
            session.range(1).count()
        # A session that is closed or lost raises Spark's, Java's or the connection's own errors.
        except Exception as error:
            raise errors.runtime_failed(condition(error)) from error
        log.info(
            Event.ENGINE_READY,
            engine="runtime",
            spark=session.version,
            java=None,
            seconds=round(time.monotonic() - began, 1),
        )
        return session

    def _close(self, session: "SparkSession") -> None:
        """Restore the session's time zone, unless the session is lost."""
        if self._time_zone is not None:
            with suppress(Exception):
                session.conf.set(_TIME_ZONE, self._time_zone)

    def _found(self) -> "SparkSession":
        """Return the session that there is; never one of our own."""
        try:
            from pyspark.errors import PySparkRuntimeError
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise errors.no_runtime("no pyspark") from error
        try:
            return SparkSession.active()
        except PySparkRuntimeError as error:
            if not self._in_job:
                raise errors.no_runtime(condition(error)) from error
        try:
            # Databricks' own builder returns the session of the job, also before anybody used it.
            session = SparkSession.builder.getOrCreate()
        # No Java, no server: whatever Spark's builder meets.
        except Exception as error:
            raise errors.no_runtime(condition(error)) from error
        if not _of_databricks(session):
            session.stop()
            raise errors.no_runtime("what Spark makes here is none of Databricks'")
        return session


def _of_databricks(session: "SparkSession") -> bool:
    """Return whether a session is a cluster's, or remote, and not an embedded Spark."""
    return is_remote(session) or bool(session.conf.get(_CLUSTER, ""))
