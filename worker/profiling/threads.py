"""Blocking work in a bounded set of threads, stopped from outside when its task is cancelled."""

from collections.abc import Callable
from typing import TypeVar, cast

import anyio
import anyio.to_thread

__all__ = ["run_interruptible"]

T = TypeVar("T")

_REPEAT = 0.5


async def run_interruptible(
    work: Callable[[], T],
    *,
    interrupt: Callable[[], None],
    limiter: anyio.CapacityLimiter,
) -> T:
    """Run `work` in a thread and return what it returns.

    When the task is cancelled, `interrupt` is called until the thread is back (work that
    consists of many steps may begin the next one just after an interruption); only then
    the cancellation goes on. So no thread outlives the task that began it.
    """
    back = anyio.Event()

    async def interrupt_when_cancelled() -> None:
        try:
            await back.wait()
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                while not back.is_set():
                    await anyio.to_thread.run_sync(interrupt)
                    with anyio.move_on_after(_REPEAT):
                        await back.wait()
            raise

    def caught() -> tuple[T | None, Exception | None]:
        try:
            return work(), None
        # Carried across the task group, which would wrap it.
        except Exception as error:  # noqa: BLE001
            return None, error

    async with limiter, anyio.create_task_group() as tasks:
        tasks.start_soon(interrupt_when_cancelled)
        with anyio.CancelScope(shield=True):
            result, error = await anyio.to_thread.run_sync(caught, limiter=anyio.CapacityLimiter(1))
        back.set()
    if error is not None:
        raise error
    return cast("T", result)
