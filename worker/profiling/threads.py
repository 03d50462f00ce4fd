"""Blocking work in a bounded set of threads, stopped from outside when its task is cancelled."""

import threading
from collections.abc import Callable
from typing import TypeVar, cast

import anyio
import anyio.to_thread

__all__ = ["run_interruptible"]

T = TypeVar("T")

# Seconds between two interruptions: work of many short actions has moments with none to interrupt.
_REPEAT = 0.1


async def run_interruptible(
    work: Callable[[threading.Event], T],
    *,
    interrupt: Callable[[], None],
    limiter: anyio.CapacityLimiter,
) -> T:
    """Run `work` in a thread and return what it returns.

    When the task is cancelled, the event that `work` gets is set, and `interrupt` is called
    until the thread is back (work that consists of many steps may begin the next one just after
    an interruption); only then the cancellation goes on. So no thread outlives its task.
    """
    stopped = threading.Event()
    back = anyio.Event()

    async def interrupt_when_cancelled() -> None:
        try:
            await back.wait()
        except anyio.get_cancelled_exc_class():
            stopped.set()
            with anyio.CancelScope(shield=True):
                while not back.is_set():
                    await anyio.to_thread.run_sync(interrupt)
                    with anyio.move_on_after(_REPEAT):
                        await back.wait()
            raise

    def caught() -> tuple[T | None, Exception | None]:
        try:
            return work(stopped), None
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
