"""Standard streams that never wait for their readers.

A pipe takes 64 kB and then holds its writer, whose event loop would stand still with it. Lines wait
in a bounded queue instead, and a thread writes them.
"""

import contextvars
import io
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TextIO, cast

from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["UnblockedStream", "drain_output", "unblock_output"]

log = get_logger(__name__)

_LIMIT = 4_000_000
"""Characters that may wait in one stream."""


def unblock_output() -> None:
    """Have what this process writes to stdout and stderr queued. Call it before `configure_logs`.

    A stream that is not the process's own, such as that of a notebook, stays as it is.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):

            def report(lines: int, name: str = name) -> None:
                log.warning(Event.LOG_DROPPED, stream=name, lines=lines)

            setattr(sys, name, cast("TextIO", UnblockedStream(stream, report)))


def drain_output(seconds: float) -> None:
    """Wait until what is queued is written, for so many seconds at most."""
    deadline = time.monotonic() + seconds
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, UnblockedStream):
            stream.drain(deadline - time.monotonic())


class UnblockedStream(io.TextIOBase):
    """Takes whole lines as long as they are no more than `limit` characters, and drops others.

    `report_dropped` is called with the number of lines that were dropped once half of the queue is
    empty again. It may write to the stream. If the reader goes away, lines are written nowhere.
    """

    def __init__(
        self, stream: TextIO, report_dropped: Callable[[int], None], limit: int = _LIMIT
    ) -> None:
        self._stream = stream
        self._on_dropped = report_dropped
        self._limit = limit
        self._begun = ""
        self._queue: deque[str] = deque()
        self._size = 0
        self._dropped = 0
        self._changed = threading.Condition()
        stream.flush()
        threading.Thread(target=self._write_for_ever, name=f"{stream.name}", daemon=True).start()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream."""
        return self._stream.encoding

    @property
    def errors(self) -> str:  # type: ignore[override]
        """How a character is written that the encoding lacks."""
        return "backslashreplace"

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the number of the stream's file."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Queue the lines that `text` ends; the rest waits for its end."""
        self._report_dropped()
        with self._changed:
            lines, end, self._begun = (self._begun + text).rpartition("\n")
            self._put(lines + end)
            if len(self._begun) > self._limit // 4:
                # Text without line breaks is divided, so that the queue stays bounded.
                begun, self._begun = self._begun, ""
                self._put(begun)
        return len(text)

    def drain(self, seconds: float) -> bool:
        """Wait until everything is written, for so many seconds at most; return whether it is."""
        deadline = time.monotonic() + seconds
        with self._changed:
            begun, self._begun = self._begun, ""
            self._put(begun)
        done = self._until_empty(deadline)
        self._report_dropped()
        return done and self._until_empty(deadline)

    def _until_empty(self, deadline: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue, deadline - time.monotonic())

    def _put(self, lines: str) -> None:
        if not lines:
            return
        # While lines are dropped every line is: what is left stays in its order.
        if self._dropped or self._size + len(lines) > self._limit:
            self._dropped += lines.count("\n") or 1
            return
        self._queue.append(lines)
        self._size += len(lines)
        self._changed.notify_all()

    def _report_dropped(self) -> None:
        with self._changed:
            if not self._dropped or self._begun or self._size > self._limit // 2:
                return
            dropped, self._dropped = self._dropped, 0
        # The run that is logged for has nothing to do with it.
        contextvars.Context().run(self._on_dropped, dropped)

    def _write_for_ever(self) -> None:
        while True:
            self._report_dropped()
            with self._changed:
                self._changed.wait_for(lambda: self._queue)
                lines = self._queue[0]
            self._write_out(lines.encode(self.encoding, self.errors))
            with self._changed:
                self._queue.popleft()
                self._size -= len(lines)
                self._changed.notify_all()

    def _write_out(self, data: bytes) -> None:
        """Write to the file itself: a thread that is left in a buffer's lock aborts the exit."""
        file = self.fileno()
        while data:
            try:
                data = data[os.write(file, data) :]
            except BlockingIOError:
                select.select([], [file], [])
            except OSError:
                # The reader is gone.
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, file)
                os.close(nowhere)
