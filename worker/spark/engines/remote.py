"""Sessions behind Spark Connect: made on a server that may be away, and closed there."""

import threading
import time
from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from worker.spark import errors as engine_errors
from worker.spark.engine import Engine
from worker.spark.engine_kind import EngineKind
from worker.spark.error_conditions import condition, may_pass
from worker.spark.installed_extra import refuse_clashing_extras
from worker.tables import errors, file_errors
from worker.tables.source import Source
from worker.tables.table_types import FileTable, Table
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace.errors import WorkspaceError, WorkspaceUnavailable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["RemoteEngine"]

log = get_logger(__name__)

# Seconds between two tries to open a session.
_PAUSE = 1.0
# The client retries in a thread that nothing can interrupt, by default for more than ten minutes
# (pyspark 4.3, connect/client/retries.py). So for about 3 s: longer waits are this engine's own.
_RETRIES = 5
_LONGEST_RETRY = 1000
_LONGEST_DELAY = 3000


class RemoteEngine(Engine):
    """An engine on a server; it retries errors that may pass for `patience` seconds."""

    kind_of_engine: EngineKind

    def __init__(self, patience: float) -> None:
        super().__init__()
        self._patience = patience

    @abstractmethod
    def _create(self) -> "SparkSession":
        """Return a new session, never one that was there before. Raises whatever Spark raises."""

    def _configure(self, session: "SparkSession") -> None:
        """Set up a new session."""
        session.conf.set("spark.sql.session.timeZone", "UTC")

    def load(self) -> None:
        """Import the client of Spark Connect."""
        refuse_clashing_extras()
        try:
            import pyspark.sql.connect.session  # noqa: F401
        except ImportError as error:
            raise engine_errors.no_pyspark(self.kind_of_engine) from error

    def read(self, table: Table) -> Source:
        """Return the table, unread. Raises Spark's errors; `TableError` for a file."""
        if isinstance(table, FileTable):
            raise file_errors.path_elsewhere(str(table))
        return Source(self.session.table(table.quoted))

    def _make(self, stopped: threading.Event) -> "SparkSession":
        """Open a session and warm it."""
        began = time.monotonic()
        self.load()
        while True:
            try:
                session = self._opened()
                break
            # Spark's errors, gRPC's, and those of the login.
            except Exception as error:
                over = time.monotonic() - began > self._patience
                passing = may_pass(error) or isinstance(error, WorkspaceUnavailable)
                if over or self._ended.is_set() or stopped.is_set() or not passing:
                    raise self._known_error(error) from error
            stopped.wait(_PAUSE)
        log.info(
            Event.ENGINE_READY,
            engine=self.kind_of_engine,
            spark=session.version,
            java=None,
            seconds=round(time.monotonic() - began, 1),
        )
        return session

    def _known_error(self, error: Exception) -> Exception:
        if isinstance(error, errors.EngineError | WorkspaceError):
            return error
        name = condition(error)
        status = getattr(error, "getGrpcStatusCode", None)
        if name == type(error).__name__ and callable(status):
            name = str(getattr(status(), "name", name))
        return engine_errors.no_server(self.kind_of_engine, name)

    def _opened(self) -> "SparkSession":
        session = self._create()
        try:
            _retry_for_seconds(session)
            self._configure(session)
            if self._held is None:
                # The first query takes longer than others. Not after a loss: what the lost session
                # may have left running is ended only when there is another one.
                session.range(1).count()
        except Exception:
            self._close(session)
            raise
        return session

    def _close(self, session: "SparkSession") -> None:
        """Ask the server to end the session's work, and close the connection."""
        with suppress(Exception):
            session.stop()


def _retry_for_seconds(session: "SparkSession") -> None:
    from pyspark.sql.connect.client.retries import DefaultPolicy

    client = cast("Any", session).client
    policy = DefaultPolicy(
        max_retries=_RETRIES, max_backoff=_LONGEST_RETRY, max_server_retry_delay=_LONGEST_DELAY
    )
    client.set_retry_policies([policy])
