"""Tasks that go on in Spark although the work that they belong to was given up.

To interrupt a task is to ask it: it looks between two rows whether it was asked, and an expression
that never ends on one row never looks. The thread that waited for the work is back by then, and the
task keeps a core from all other tables. Spark's own reaper (`spark.task.reaper.enabled`) does not
help: in local mode it ends no JVM, it only logs that a task is left. So the worker looks itself,
and has the engine end its JVM.
"""

from collections import deque
from datetime import timedelta

import anyio
import anyio.to_thread

from worker.spark import errors
from worker.spark.engine import Engine
from worker.spark.error_conditions import condition
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["LeftTasks"]

log = get_logger(__name__)

_LOOKS = 5
# Looks, one after the other, that see no task. Spark's list of tasks lags behind: one may err.
_CLEAR = 2
# Seconds. Arithmetic on huge numbers may stop a whole JVM, which then answers no call.
_ANSWER = 5.0


class LeftTasks:
    """Looks a few times whether tasks of work that was given up still run; ends them in the end.

    Work counts as stuck if one of its tasks still runs `timeout` after it was given up, or if Spark
    does not answer by then.
    """

    def __init__(self, engine: Engine, timeout: timedelta) -> None:
        self._engine = engine
        self._timeout = timeout.total_seconds()
        self._given_up: deque[tuple[str, int]] = deque()
        self._more = anyio.Event()

    def follow(self, tag: str, generation: int) -> None:
        """Have the work under `tag` of session `generation` looked at from now on."""
        self._given_up.append((tag, generation))
        self._more.set()

    async def watch(self) -> None:
        """Look at all work that is followed, until cancelled."""
        async with anyio.create_task_group() as tasks:
            while True:
                await self._more.wait()
                self._more = anyio.Event()
                while self._given_up:
                    tasks.start_soon(self._look_at, *self._given_up.popleft())

    async def _look_at(self, tag: str, generation: int) -> None:
        clear = 0
        left: int | None = 0
        over = anyio.current_time() + self._timeout + _ANSWER
        for _ in range(_LOOKS):
            await anyio.sleep(self._timeout / _LOOKS)
            left = await self._left(tag, generation, over)
            clear = clear + 1 if left == 0 else 0
            if clear == _CLEAR:
                return
            if left is None:
                break
        if not clear:
            await self._end(tag, generation, left)

    async def _left(self, tag: str, generation: int, over: float) -> int | None:
        """Return how many tasks of the work still run; None without an answer by `over`."""

        def ask() -> int:
            if generation != self._engine.generation or self._engine.failure is not None:
                # The session is gone, and its tasks with it.
                return 0
            try:
                return self._engine.kind.tasks_left(tag)
            # A session that is lost raises anything; its next user replaces it.
            except Exception as error:  # noqa: BLE001
                log.debug(Event.TASKS_UNKNOWN, tag=tag, error=condition(error))
                return 0

        with anyio.CancelScope(deadline=over):
            return await anyio.to_thread.run_sync(
                ask, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1)
            )
        return None

    async def _end(self, tag: str, generation: int, left: int | None) -> None:
        log.error(
            Event.TASKS_STUCK,
            tag=tag,
            tasks=left,
            seconds=self._timeout,
            jvm_ended=self._engine.owns_jvm,
        )
        if self._engine.owns_jvm:
            await anyio.to_thread.run_sync(
                self._engine.end_session,
                generation,
                errors.tasks_stuck(tag),
                abandon_on_cancel=True,
                limiter=anyio.CapacityLimiter(1),
            )
