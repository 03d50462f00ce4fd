"""Processes that this one has started and does not know by name."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["kill_children"]


def kill_children(word: str) -> None:
    """Kill the children of this process whose command line holds `word`, and their children.

    Only if Linux lists them: elsewhere a JVM ends a few seconds later, when it reads the end of
    its input.
    """
    for child in list(_children("self")):
        # A child may end meanwhile.
        with suppress(OSError):
            if word.encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                _kill(child)


def _kill(process: str) -> None:
    below = list(_children(process))
    with suppress(OSError):
        os.kill(int(process), signal.SIGKILL)
    for child in below:
        _kill(child)


def _children(process: str) -> Iterator[str]:
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        # A thread may end meanwhile.
        with suppress(OSError):
            yield from listed.read_text().split()
