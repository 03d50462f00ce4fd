"""The session that an engine holds: lost, it is replaced once for all threads."""

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.spark import errors as engine_errors
from worker.spark.conditions import answered, blames_the_data, condition, session_gone
from worker.spark.session import SessionKind, kind_of
from worker.tables import errors
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace.errors import WorkspaceError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["RecoverableSession"]

log = get_logger(__name__)

# Seconds between two looks of a thread that waits for another one to replace the session.
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class _Held:
    """One session, and what is made of it once."""

    generation: int
    spark: "SparkSession"
    kind: SessionKind


class RecoverableSession(ABC):
    """Makes sessions, one at a time, and counts them. What it is for: `Engine`."""

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

    def example(self, rows: "DataFrame") -> "DataFrame":
        """Return the rows as they are: what a catalog's tables lie in is not the engine's."""
        return rows

    def _ask(self, session: "SparkSession") -> None:
        """Ask a session something; raises whatever Spark raises.

        No query: on a busy server it would wait for whatever runs there.
        """
        session.conf.get("spark.sql.session.timeZone")

    def _discard(self, session: "SparkSession") -> None:
        """Free what a lost session may still hold, after another one took its place."""
        self._close(session)

    @property
    def broken(self) -> bool:
        """Whether this process can't have another session: as long as it can be tried, no."""
        return False

    @property
    def failure(self) -> str | None:
        """Why there is no session now; None while there is one."""
        return self._failure

    @property
    def generation(self) -> int:
        """The number of the current session. Raises `EngineError` if there is none."""
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
        """Make or find the first session. Raises `EngineError`."""
        self._hold(self._make(self._ended))

    def stop(self) -> None:
        """Close the session; a start or a replacement that is under way fails."""
        self._ended.set()
        held, self._held = self._held, None
        if held is not None:
            self._close(held.spark)

    def recover(self, generation: int, error: Exception, stopped: threading.Event) -> bool:
        """Replace the session if `error`, met in session `generation`, came of its being lost."""
        if self._ended.is_set() or not self._is_lost(generation, error):
            return False
        self._replace(generation, condition(error), stopped)
        return True

    @property
    def owns_jvm(self) -> bool:
        """Whether the session's JVM is the engine's own: elsewhere others work in it, too."""
        return False

    def end_session(self, generation: int, why: str) -> None:
        """Replace session `generation`, if it is still there."""
        self._replace(generation, why, self._ended)

    def renew(self) -> None:
        """Ask the session something; replace it if it is lost."""
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
            # Whoever waited for a try, in vain or not, does not make the same one again.
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
        # Whatever it is, there is no session: the next one who needs it tries again.
        except Exception as error:  # noqa: BLE001
            if self._ended.is_set():
                return
            self._failures += 1
            self._failure = _words(error)
            log.warning(Event.SESSION_UNAVAILABLE, tries=self._failures, error=self._failure)
            return
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
