"""Blocking work that may hang, in a thread that can be left behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import anyio

from worker.workspace.sdk_threads import CallThreads

__all__ = ["in_thread"]

T = TypeVar("T")

_LONGER = timedelta(days=1)


async def in_thread(work: Callable[[], T], patience: timedelta, late: Exception) -> T:
    """Return what `work` returns. Raises `late` when it is not back in time, and leaves it."""
    with anyio.move_on_after(patience.total_seconds()):
        return await CallThreads(1, _LONGER, "").call(work)
    raise late
