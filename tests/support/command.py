"""A command of the worker as people type it."""

import subprocess

from deploy.sandbox.worker_process import worker_command

__all__ = ["run_command"]


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
