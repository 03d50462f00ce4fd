"""A command of the worker as people type it."""

import functools
import os
import pty
import subprocess
from collections.abc import Mapping
from contextlib import suppress

import anyio.to_thread

from deploy.sandbox.backend import OWNER
from deploy.sandbox.worker_process import worker_command
from tests.support.forked_commands import run_forked

__all__ = ["command", "migrate", "run_command", "run_on_terminal"]


def run_command(
    environment: Mapping[str, str], *arguments: str, seconds: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run `dqx-worker` with these arguments to its end, in a process of its own.

    It is forked, unless its environment says what only a Python that starts reads.
    """
    if "PYTHONPATH" not in environment:
        return run_forked(arguments, environment, timeout=seconds)
    return subprocess.run(
        worker_command(*arguments),
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


async def command(
    environment: Mapping[str, str], *arguments: str, seconds: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run `dqx-worker` with these arguments to its end, while other tasks go on."""
    run = functools.partial(run_command, environment, *arguments, seconds=seconds)
    return await anyio.to_thread.run_sync(run)


async def migrate(environment: Mapping[str, str]) -> None:
    """Make the worker's own schema; the backend may then write options and read progress."""
    done = await command(environment, "migrate", "--grant-to", OWNER)
    assert done.returncode == 0, done.stderr


def run_on_terminal(
    environment: dict[str, str], *arguments: str, types: str = ""
) -> tuple[int, str]:
    """Run `dqx-worker` on a wide terminal of its own; return its exit code and what it shows.

    `types` is what the person there has typed ahead.
    """
    reading, writing = pty.openpty()
    os.write(reading, types.encode())
    with subprocess.Popen(
        worker_command(*arguments),
        env=environment | {"TERM": "xterm-256color", "COLUMNS": "500"},
        stdin=writing,
        stdout=writing,
        stderr=writing,
    ) as process:
        os.close(writing)
        shown = bytearray()
        # Linux reports the end of a terminal's last writer as an error.
        with suppress(OSError):
            while part := os.read(reading, 65_536):
                shown += part
        os.close(reading)
        return process.wait(60), shown.decode()
