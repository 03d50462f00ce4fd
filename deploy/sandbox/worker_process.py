"""The real worker, as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from deploy.sandbox.backend import OWNER, Login
from deploy.sandbox.logged_programs import run_logged
from deploy.sandbox.workspace.endpoints import ENDPOINT, Workspace

__all__ = [
    "WorkerProcess",
    "migrate",
    "oauth_environment",
    "worker_command",
    "worker_environment",
]

_KEPT = ("PATH", "HOME", "JAVA_HOME", "LANG", "TMPDIR", "SYSTEMROOT", "CI")
_STOP_TIMEOUT = 30.0


def worker_command(*arguments: str) -> list[str]:
    """Return the command line of the installed console script."""
    return [str(Path(sys.executable).with_name("dqx-worker")), *arguments]


def worker_environment(login: Login, roots: Path, **settings: str) -> dict[str, str]:
    """Return a whole environment for the worker: nothing of the caller's that could change it."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "POSTGRES_HOST": login.host,
        "POSTGRES_PORT": str(login.port),
        "POSTGRES_DB": login.database,
        "POSTGRES_USER": login.user,
        "POSTGRES_PASSWORD": login.password,
        "DQX_WORKER_ROOTS": str(roots),
        **settings,
    }


def oauth_environment(
    login: Login, url: str, workspace: Workspace, roots: Path, **settings: str
) -> dict[str, str]:
    """Return the environment of a worker that logs in with tokens of the workspace at `url`.

    `login` says where the database is; nothing else of it is used.
    """
    static = worker_environment(login, roots)
    kept = {
        name: value
        for name, value in static.items()
        if name not in ("POSTGRES_USER", "POSTGRES_PASSWORD")
    }
    return {
        **kept,
        "LAKEBASE_ENDPOINT": ENDPOINT,
        "DATABRICKS_HOST": url,
        "DATABRICKS_CLIENT_ID": workspace.client_id,
        "DATABRICKS_CLIENT_SECRET": workspace.client_secret,
        # The sandbox's Postgres speaks no TLS; over loopback that may be asked for.
        "PGSSLMODE": "disable",
        **settings,
    }


async def migrate(environment: Mapping[str, str], log: Path) -> None:
    """Run `dqx-worker migrate`; the backend may then write options and read progress.

    What it logs is added to `log`. Raises `ProgramFailed`.
    """
    await run_logged(worker_command("migrate", "--grant-to", OWNER), environment, log)


class Process(Protocol):
    """The part of `subprocess.Popen` that a worker's process needs."""

    @property
    def pid(self) -> int:
        """The process id."""

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code."""

    def send_signal(self, sig: signal.Signals, /) -> None:
        """Send a signal."""


class WorkerProcess:
    """A running `dqx-worker run`; its log goes to a file, as JSON lines."""

    def __init__(self, process: Process, log: Path) -> None:
        self.log = log
        self._process = process

    @classmethod
    @contextmanager
    def running(
        cls,
        environment: Mapping[str, str],
        log: Path,
        *arguments: str,
        prefix: Sequence[str] = (),
        command: Sequence[str] = (),
    ) -> Iterator["WorkerProcess"]:
        """Run a worker while the block runs, behind a command if given; end it with SIGTERM.

        `command` is another one than `dqx-worker run`.
        """
        with log.open("ab") as stream:
            process = subprocess.Popen(
                [*prefix, *(command or worker_command("run")), *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )
        worker = cls(process, log)
        try:
            yield worker
        finally:
            worker.stop()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self, timeout: float) -> int:
        """Wait for the end and return the exit code."""
        return self._process.wait(timeout)

    def stop(self) -> int:
        """End the worker as a supervisor does: SIGTERM, and SIGKILL when it takes too long."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGKILL)
        return self._process.wait()
