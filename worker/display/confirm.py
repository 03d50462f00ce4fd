"""A question to the person at the terminal, before something that can't be undone."""

import sys

import anyio

from worker.display.output import print_line

__all__ = ["confirmed"]

_YES = ("y", "yes")


async def confirmed(question: str) -> bool:
    """Ask on a terminal, and return whether the answer is yes; without a terminal there is none.

    It waits for a whole line without a thread, so that a signal ends the command meanwhile.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        return True
    # On stderr: the output may be JSON.
    print_line(f"{question} [y/N]", error=True)
    await anyio.wait_readable(sys.stdin.fileno())
    return sys.stdin.readline().strip().lower() in _YES
