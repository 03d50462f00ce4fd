"""Runs a coroutine to its end, whatever the thread is doing already."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import anyio.from_thread

__all__ = ["run_to_end"]

T = TypeVar("T")


def run_to_end(work: Callable[[], Awaitable[T]]) -> T:
    """Return what `work` returns.

    A Databricks job or notebook evaluates its code where an event loop runs already; there the
    work gets a thread with a loop of its own. An interruption of the caller cancels it, and is
    passed on when it has ended.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return anyio.run(work)
    with anyio.from_thread.start_blocking_portal() as portal:
        return portal.call(work)
