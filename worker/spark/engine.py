"""Where Spark runs: an engine holds one session for all threads, and replaces it if it is lost."""

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.metrics.instruments import SESSION_RESTARTS
from worker.spark import errors as engine_errors
from worker.spark.error_conditions import answered, blames_the_data, condition, session_gone
from worker.spark.session_kind import SessionKind, kind_of
from worker.tables import errors
from worker.tables.source import Source
from worker.tables.table_types import Table
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace.errors import WorkspaceError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Engine"]

log = get_logger(__name__)

# Seconds between two looks of a thread that waits for another one to replace the session.
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class _Held:
    """One session, and what is made of it once."""

    generation: int
    spark: "SparkSession"
    kind: SessionKind


class Engine(ABC):
    """Spark's session, shared by all threads and replaced when it is lost.

    Every method blocks: call it in a thread. Sessions are counted. A thread that meets an error
    names its session, so that several threads that meet the same loss replace the session once.
    """

    def __init__(self) -> None:
        self._held: _Held | None = None
        self._ended = threading.Event()
        self._replacing = threading.Lock()
        self._tries = 0
        self._failures = 0
        self._failure: str | None = None

    @abstractmethod
    def _make(self, stopped: threading.Event) -> "SparkSession":
        """Return a new session, in UTC and warm; free what is left of an earlier one.

        Gives up when `stopped`. Raises `EngineError`, and whatever Spark raises.
        """

    @abstractmethod
    def _close(self, session: "SparkSession") -> None:
        """Close a session, which may be lost already; never raises."""

    @abstractmethod
    def load(self) -> None:
        """Import what the engine needs, so that no other thread imports it while it starts.

        Raises `EngineError` if a package is missing, or clashes with another one.
        """

    @abstractmethod
    def read(self, table: Table) -> Source:
        """Return the table, unread. Raises Spark's errors, and `TableError`."""

    def example(self, rows: "DataFrame") -> "DataFrame":
        """Return rows made in memory as the engine reads a table: by default as they are."""
        return rows

    def _ask(self, session: "SparkSession") -> None:
        """Ask a session something; raises whatever Spark raises.

        No query: on a busy server it would wait for the work that runs there.
        """
        session.conf.get("spark.sql.session.timeZone")

    def _discard(self, session: "SparkSession") -> None:
        """Free what a lost session may still hold, after another one took its place."""
        self._close(session)

    @property
    def broken(self) -> bool:
        """Whether the session is gone for good, and this process can't open another one."""
        return False

    @property
    def failure(self) -> str | None:
        """Why there is no session now; None while there is one."""
        return self._failure

    @property
    def generation(self) -> int:
        """The number of the current session: 1 for the first. Raises `EngineError` if none."""
        return self._there.generation

    @property
    def session(self) -> "SparkSession":
        """The session, in UTC. Raises `EngineError` if there is none."""
        return self._there.spark

    @property
    def kind(self) -> SessionKind:
        """How to interrupt the session's work and to keep rows in it."""
        return self._there.kind

    def start(self) -> None:
        """Make or find the first session, and warm it. Raises `EngineError`."""
        self._hold(self._make(self._ended))

    def stop(self) -> None:
        """Close the session, if it is the engine's own; a start that is under way fails."""
        self._ended.set()
        held, self._held = self._held, None
        if held is not None:
            self._close(held.spark)

    def recover(self, generation: int, error: Exception, stopped: threading.Event) -> bool:
        """Replace session `generation` if its loss caused `error`; return whether it did.

        The session is replaced when this returns, by this thread or by another one. If none can be
        opened now, `failure` has the reason. Gives up when `stopped`.
        """
        if self._ended.is_set() or not self._is_lost(generation, error):
            return False
        self._replace(generation, condition(error), stopped)
        return True

    @property
    def owns_jvm(self) -> bool:
        """Whether the engine owns the session's JVM and may end it."""
        return False

    def end_session(self, generation: int, why: str) -> None:
        """End session `generation` and all work in it, if it is still there, and replace it.

        Only for an engine that `owns_jvm`.
        """
        self._replace(generation, why, self._ended)

    def renew(self) -> None:
        """Ask the session something, so that it does not time out; replace it if it is lost."""
        generation = self.generation
        if self._failure is not None:
            self._replace(generation, self._failure, self._ended)
        elif (error := self._unanswered()) is not None:
            self._replace(generation, condition(error), self._ended)

    @property
    def _there(self) -> _Held:
        if (held := self._held) is None:
            raise engine_errors.not_started()
        return held

    def _is_lost(self, generation: int, error: Exception) -> bool:
        if generation != self.generation or self._failure is not None or session_gone(error):
            return True
        return not blames_the_data(error) and self._unanswered() is not None

    def _unanswered(self) -> Exception | None:
        """Ask the session something; return what it raised instead of answering."""
        try:
            self._ask(self.session)
        # A session that is lost raises Spark's, Java's or the connection's own errors.
        except Exception as error:  # noqa: BLE001
            return None if answered(error) else error
        return None

    def _replace(self, generation: int, why: str, stopped: threading.Event) -> None:
        """Replace the session of `generation`, unless none can be opened now."""
        tries = self._tries
        while not self._replacing.acquire(timeout=_LOOK):
            if stopped.is_set():
                return
        try:
            if self._ended.is_set() or self.broken:
                return
            # A thread that waited while another one tried does not repeat that try.
            if generation == self.generation and tries == self._tries:
                self._tries += 1
                self._try(generation, why, stopped)
        finally:
            self._replacing.release()

    def _try(self, generation: int, why: str, stopped: threading.Event) -> None:
        began = time.monotonic()
        if self._failure is None:
            log.warning(Event.SESSION_LOST, session=generation, error=why)
        self._failure = why
        lost = self._there.spark
        try:
            self._hold(self._make(stopped))
        # Any error leaves no session: the next thread that needs one tries again.
        except Exception as error:  # noqa: BLE001
            if self._ended.is_set():
                return
            self._failures += 1
            self._failure = _words(error)
            log.warning(Event.SESSION_UNAVAILABLE, tries=self._failures, error=self._failure)
            return
        SESSION_RESTARTS.inc()
        log.info(
            Event.SESSION_REPLACED,
            session=self.generation,
            seconds=round(time.monotonic() - began, 1),
        )
        self._discard(lost)

    def _hold(self, session: "SparkSession") -> None:
        if self._ended.is_set():
            self._close(session)
            raise engine_errors.not_started()
        generation = self._held.generation + 1 if self._held else 1
        self._held = _Held(generation, session, kind_of(session))
        self._failures = 0
        self._failure = None


def _words(error: Exception) -> str:
    """Return our own words for what kept Spark from starting, else Spark's name for it."""
    ours = isinstance(error, errors.EngineError | WorkspaceError)
    return str(error) if ours else condition(error)
