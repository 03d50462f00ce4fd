"""Runs a coroutine to its end, whatever the thread is doing already."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import anyio
import anyio.from_thread

from worker.cli.early_signals import SIGNALS, in_a_loop, stop_on_signal

__all__ = ["run_to_end"]

Work = Callable[[], Awaitable[int | None]]

_EXIT_BASE = 128


def run_to_end(work: Work, *, own_signals: bool = False) -> int | None:
    """Return the exit code that `work` returns, or that of the signal which cancelled it.

    With `own_signals`, `work` deals with signals itself. A Databricks job or notebook evaluates its
    code where an event loop runs already; there the work gets a thread with a loop of its own. A
    signal, or an interruption of the caller, cancels it, and goes on when it has ended.
    """
    if in_a_loop():
        with _signals_raised(), anyio.from_thread.start_blocking_portal() as portal:
            return portal.call(work)
    if threading.current_thread() is not threading.main_thread():
        return anyio.run(work)
    if own_signals:
        with _signals_kept():
            return anyio.run(work)
    return anyio.run(_until_signal, work)


async def _until_signal(work: Work) -> int | None:
    loop = asyncio.get_running_loop()
    scope = anyio.CancelScope()

    def stop() -> None:
        loop.call_soon_threadsafe(scope.cancel)

    with stop_on_signal(stop) as received, scope:
        return await work()
    return received.code


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Restore the handlers of signals at the end of the block: a loop that ends takes them away."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _signals_raised() -> Iterator[None]:
    """Have signals end what the main thread waits for, while the block runs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _signals_kept():
        for number in SIGNALS:
            signal.signal(number, _raise)
        yield


def _raise(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_EXIT_BASE + number)
