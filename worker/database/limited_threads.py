"""Threads for work on what was read: its size is chosen by others, and the event loop has to run.

Python runs one thread at a time, and changes to another after some milliseconds. So few threads at
once work, and no single call in them keeps the interpreter for long.
"""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

__all__ = ["in_thread"]

T = TypeVar("T")

_AT_ONCE = 2
_limiter: RunVar[CapacityLimiter] = RunVar("limiter of threads for work on what was read")


async def in_thread(work: Callable[..., T], *arguments: object) -> T:
    """Run `work` in a thread and return its result; at most two such calls run at once.

    A cancellation does not wait for the thread, whose result is dropped: `work` changes nothing,
    and is limited in what it does. If that takes more than a moment, it calls
    `from_thread.check_cancelled` between its steps.
    """
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = CapacityLimiter(_AT_ONCE)
        _limiter.set(limiter)
    return await to_thread.run_sync(work, *arguments, limiter=limiter, abandon_on_cancel=True)
