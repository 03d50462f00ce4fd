"""Runs programs whose log goes to a file, which the error of one that fails names."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio

__all__ = ["ProgramFailed", "run_logged", "tail"]

_LINES = 20


class ProgramFailed(Exception):
    """A program ended with an error; the message has the end of its log, and names the file."""


async def run_logged(
    command: Sequence[str], environment: Mapping[str, str], log: Path, stdin: bytes = b""
) -> bytes:
    """Run a program to its end and return what it prints; what it logs is added to `log`.

    Raises `ProgramFailed`.
    """
    with log.open("ab") as stream:
        done = await anyio.run_process(
            command, input=stdin, env=dict(environment), stderr=stream, check=False
        )
    if done.returncode:
        raise ProgramFailed(
            f"{shlex.join(command)}\nended with {done.returncode}. Its log is {log}, which ends:\n"
            f"{tail(log)}"
        )
    return done.stdout


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-_LINES:])
