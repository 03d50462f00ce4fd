"""A real terminal of a fixed size: what is written to it, and how wide its lines are."""

import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from rich.cells import cell_len

__all__ = ["ESCAPES", "plain_lines", "read_all", "set_size", "terminal", "widest"]

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""Colours, and moves of the cursor."""


@contextmanager
def terminal(columns: int, rows: int = 24) -> Iterator[tuple[int, TextIO]]:
    """Open a terminal; return the descriptor to read from, and the stream of a program in it."""
    reading, writing = pty.openpty()
    set_size(writing, columns, rows)
    try:
        with os.fdopen(writing, "w", encoding="utf-8", errors="backslashreplace") as stream:
            yield reading, stream
    finally:
        os.close(reading)


def set_size(descriptor: int, columns: int, rows: int = 24) -> None:
    """Give a terminal this size."""
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read_all(reading: int) -> str:
    """Return what a program writes until the last one in the terminal has ended."""
    shown = bytearray()
    # Linux reports the end of a terminal's last writer as an error.
    with suppress(OSError):
        while part := os.read(reading, 65_536):
            shown += part
    return shown.decode()


def plain_lines(text: str) -> list[str]:
    """Return the lines of what was shown, without colours and moves of the cursor."""
    return re.split(r"\r?\n|\r", ESCAPES.sub("", text))


def widest(text: str) -> int:
    """Return the columns of the widest line."""
    return max(map(cell_len, plain_lines(text)))
