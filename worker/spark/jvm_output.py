"""What a JVM prints, kept in two files that never grow beyond a limit.

On the worker's stderr it would break the log's one event a line, and may hold cells' values.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path

__all__ = ["RollingOutput"]

_LONGEST = 512 * 1024
"""Bytes of one file. There are two: the current one, and the one before it."""
_PIECE = 64 * 1024
_TAIL = 2000
_LAST_LINES = 6
# Seconds. A JVM that has ended has printed everything, and its last piece is about to be written.
_ENDING = 1.0


class RollingOutput:
    """Copies a pipe to a file in a thread of its own until every writer has closed the pipe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = path.with_suffix(".before")
        for earlier in (self._path, self._before):
            earlier.unlink(missing_ok=True)
        self._reading, self.writing = os.pipe()
        self._thread = threading.Thread(target=self._copy, name="output of the JVM", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close this process' end of the pipe, once the JVM has its own."""
        os.close(self.writing)

    def last_words(self) -> str:
        """Return the last lines, without stack traces."""
        self._thread.join(_ENDING)
        files = (self._before, self._path)
        text = "".join(one.read_text("utf-8", "replace") for one in files if one.exists())
        said = [
            line
            for line in text.splitlines()
            if line.strip() and not line.lstrip().startswith("at ")
        ]
        return "\n".join(said[-_LAST_LINES:])[-_TAIL:]

    def _copy(self) -> None:
        try:
            while piece := os.read(self._reading, _PIECE):
                # The disk is full, or the folder is gone: the JVM must not wait for that.
                with suppress(OSError):
                    self._write(piece)
        finally:
            os.close(self._reading)

    def _write(self, piece: bytes) -> None:
        if self._path.exists() and self._path.stat().st_size + len(piece) > _LONGEST:
            self._path.replace(self._before)
        with self._path.open("ab") as file:
            file.write(piece)
