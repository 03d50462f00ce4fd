"""Signals, as two facts: stop claiming, and end now."""

import os
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from signal import SIGINT, SIGTERM, Signals

import anyio

from worker.telemetry.nonblocking_output import drain_output

__all__ = ["Stop", "watch_signals"]

_EXIT_BASE = 128
_LAST_WORDS = 0.5
"""Seconds for lines that have not been read when a second signal comes."""
_PATIENCE = 1.0
"""Seconds from a signal to the end of a process that has no run in work."""


@dataclass(slots=True)
class Stop:
    """Why the worker is to stop; `asked` is set by the first signal, or by what broke."""

    asked: anyio.Event = field(default_factory=anyio.Event)
    received: Signals | None = None
    otherwise: str = "broken"
    """Why it stops without a signal."""
    in_work: bool = True
    """Whether runs may be in work: they have the grace period, and an end that is written."""

    @property
    def reason(self) -> str:
        """The signal's name, or why it stops without one."""
        return self.received.name if self.received else self.otherwise

    @property
    def exit_code(self) -> int:
        """0, or 128 and the signal's number."""
        return _EXIT_BASE + self.received if self.received else 0


async def watch_signals(
    stop: Stop, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Set `stop` at the first SIGTERM or SIGINT; end the process at the second.

    The second one is safe: what is not committed is not there, and leases expire. So is the first
    one with nothing in work: a start that does not break off in a second is cut off. Python gives
    signals to the main thread alone: elsewhere, as in a Databricks job, the one that waits there
    cancels.
    """
    if threading.current_thread() is not threading.main_thread():
        task_status.started()
        await anyio.sleep_forever()
    with anyio.open_signal_receiver(SIGTERM, SIGINT) as signals, ExitStack() as late:
        task_status.started()
        async for number in signals:
            if stop.received:
                _end(_EXIT_BASE + number)
            stop.received = number
            stop.asked.set()
            if not stop.in_work:
                # A thread: what does not break off may hold the event loop.
                end = threading.Timer(_PATIENCE, _end, [stop.exit_code])
                end.daemon = True
                end.start()
                late.callback(end.cancel)


def _end(code: int) -> None:
    drain_output(_LAST_WORDS)
    os._exit(code)
