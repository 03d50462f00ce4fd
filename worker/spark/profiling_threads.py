"""Blocking work in a bounded set of threads, stopped from outside when its task is cancelled.

A thread in Spark can't be ended, only asked: it is interrupted until it is back. One that does not
come back in time is stuck. It is left behind and its place is given to another, as often as a limit
allows; past that the process has to be replaced.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread

from worker.spark.fatal import Cause, Fatal
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["ProfilingThreads"]

log = get_logger(__name__)

T = TypeVar("T")

# Seconds. Between two interruptions: work of many short actions has moments with none to interrupt.
_REPEAT = 0.1
_PATIENCE = 5.0
# What a drain has left for it: the last seconds of the grace period are for giving runs back.
_LAST_PATIENCE = 2.0


class ProfilingThreads:
    """At most `at_once` calls at once, each in a thread; at most `stuck_limit` are left behind."""

    def __init__(self, at_once: int, stuck_limit: int, fatal: Fatal) -> None:
        self._limiter = anyio.CapacityLimiter(at_once)
        self._stuck_limit = stuck_limit
        self._fatal = fatal
        self._patience = _PATIENCE
        self._lock = threading.Lock()
        self._left: set[object] = set()

    @property
    def stuck(self) -> int:
        """How many threads were left behind and are not back."""
        return len(self._left)

    def hurry(self) -> None:
        """Wait only for seconds from now on: the process is about to end."""
        self._patience = _LAST_PATIENCE

    async def run(
        self, work: Callable[[threading.Event], T], *, interrupt: Callable[[], None], tag: str
    ) -> T:
        """Run `work` in a thread and return what it returns.

        When the task is cancelled, the event that `work` gets is set, and `interrupt` is called
        until the thread is back (work that consists of many steps may begin the next one just after
        an interruption), or counts as stuck; only then the cancellation goes on. `tag` is what the
        work is called in the log.
        """
        call = _Call(work, self._forget)

        async def interrupt_when_cancelled() -> None:
            try:
                await call.back.wait()
            except anyio.get_cancelled_exc_class():
                call.stopped.set()
                with anyio.move_on_after(self._patience, shield=True):
                    while not call.back.is_set():
                        await anyio.to_thread.run_sync(interrupt, abandon_on_cancel=True)
                        with anyio.move_on_after(_REPEAT):
                            await call.back.wait()
                if not call.back.is_set():
                    self._leave(call, tag)
                    waiting.cancel()
                raise

        async with self._limiter, anyio.create_task_group() as tasks:
            tasks.start_soon(interrupt_when_cancelled)
            with anyio.CancelScope(shield=True) as waiting:
                await anyio.to_thread.run_sync(
                    call.run, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1)
                )
            call.back.set()
        # What an interrupted thread ended with is the interruption's doing.
        await anyio.lowlevel.checkpoint_if_cancelled()
        return call.outcome()

    def _leave(self, call: object, tag: str) -> None:
        with self._lock:
            self._left.add(call)
        log.error(Event.THREAD_STUCK, tag=tag, stuck=self.stuck, limit=self._stuck_limit)
        if self.stuck > self._stuck_limit:
            self._fatal.set(Cause.STUCK_THREADS)

    def _forget(self, call: object) -> None:
        with self._lock:
            if call in self._left:
                self._left.discard(call)
                log.info(Event.THREAD_BACK, stuck=self.stuck)


class _Call(Generic[T]):
    """One call: what it does, and how it ended."""

    def __init__(
        self, work: Callable[[threading.Event], T], forget: Callable[[object], None]
    ) -> None:
        self._work = work
        self._forget = forget
        self._result: list[T] = []
        self._error: Exception | None = None
        self.stopped = threading.Event()
        self.back = anyio.Event()

    def run(self) -> None:
        """Do the work, in the thread."""
        try:
            self._result.append(self._work(self.stopped))
        # Carried across the task group, which would wrap it.
        except Exception as error:  # noqa: BLE001
            self._error = error
        finally:
            self._forget(self)

    def outcome(self) -> T:
        """Return what the work returned or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result[0]
