"""Runs a coroutine to its end, whatever the thread is doing already."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import anyio
import anyio.from_thread

__all__ = ["in_a_loop", "run_to_end"]

T = TypeVar("T")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EXIT_BASE = 128


def run_to_end(work: Callable[[], Awaitable[T]]) -> T:
    """Return what `work` returns.

    A Databricks job or notebook evaluates its code where an event loop runs already; there the
    work gets a thread with a loop of its own. A signal, or an interruption of the caller, cancels
    it, and goes on when it has ended.
    """
    if not in_a_loop():
        return anyio.run(work)
    with _signals_raised(), anyio.from_thread.start_blocking_portal() as portal:
        return portal.call(work)


def in_a_loop() -> bool:
    """Tell whether this thread runs an event loop: the process is then somebody else's."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def _signals_raised() -> Iterator[None]:
    """Have signals end what the main thread waits for, while the block runs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _raise) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_EXIT_BASE + number)
