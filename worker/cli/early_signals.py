"""Signals before, beside and after an event loop: a process that gets a signal to stop ends.

Imports nothing that takes time: it is in place before the rest of the program is there.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["SIGNALS", "Received", "end_at_signals", "in_a_loop", "stop_on_signal"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EXIT_BASE = 128
_PATIENCE = 1.0
"""Seconds from a signal to the end of a command that does not end by itself."""


def end_at_signals() -> None:
    """Have a signal end this process at once, with 128 and the signal's number.

    The kernel drops a signal without a handler if the process has the id 1, as in a container, and
    Python's own handler of SIGINT prints a traceback. In an event loop of another program, and in
    another thread than the main one, this does nothing.
    """
    if in_a_loop() or threading.current_thread() is not threading.main_thread():
        return
    for number in SIGNALS:
        # A shell has a program in the background ignore SIGINT.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def in_a_loop() -> bool:
    """Return whether this thread runs an event loop: the process is then another program's."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Received:
    """The first signal that came, if one did."""

    code: int | None = None
    """128 and its number."""


@contextmanager
def stop_on_signal(stop: Callable[[], None]) -> Iterator[Received]:
    """Call `stop` at the first signal while the block runs, and end the process a second later.

    A second signal ends it at once. Only for the main thread.
    """
    received = Received()

    def end_late(_number: int, _frame: FrameType | None) -> None:
        os._exit(received.code or 0)

    def hear(number: int, frame: FrameType | None) -> None:
        if received.code is not None:
            _end(number, frame)
        received.code = _EXIT_BASE + number
        # No thread: a handler may have interrupted what holds the lock that a new one takes.
        signal.signal(signal.SIGALRM, end_late)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        stop()

    before = {one: signal.getsignal(one) for one in SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, hear)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    os._exit(_EXIT_BASE + number)
