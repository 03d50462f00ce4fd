"""A command of the worker as people type it."""

import os
import pty
import subprocess
from contextlib import suppress

from deploy.sandbox.worker_process import worker_command

__all__ = ["run_command", "run_on_terminal"]


def run_command(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `dqx-worker` with these arguments to its end."""
    return subprocess.run(
        worker_command(*arguments),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_on_terminal(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run `dqx-worker` on a wide terminal of its own; return its exit code and what it shows."""
    reading, writing = pty.openpty()
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
