"""Commands of the worker in processes that are forked from one that has imported its modules.

Each is a process of its own, with its environment, its standard streams, its signals and its exit
code. Only the start of Python and the imports are skipped, which cost most commands more than
their own work.
"""

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio

from deploy.sandbox.worker_process import WorkerProcess
from tests.support.events_page import wrong_lines

__all__ = ["DQX_WORKER", "ForkedProcess", "forked_worker", "run_forked"]

DQX_WORKER = "worker.cli.main"
"""The module whose `main` is the console script; a process may run that of another one."""

# `forkserver` is the start method that forks from a process without threads of pytest's.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.forked_commands", "tests.support.preloaded"])


class ForkedProcess:
    """A running process, with the names and the meanings of `subprocess.Popen`."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        stdout: Path,
        stderr: Path | None = None,
        module: str = DQX_WORKER,
    ) -> None:
        """Start it. Both streams are appended to files, `stderr` to that of `stdout` by default."""
        self._process = _FORKS.Process(
            target=_run, args=(module, list(arguments), dict(environment), stdout, stderr or stdout)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs; of a signal it is the negative number."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return code

    async def ended(self) -> int:
        """Wait for the end, which may be cancelled, and return the exit code."""
        await anyio.wait_readable(self._process.sentinel)
        return self.wait()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.poll() is None:
            # The process that forked it knows of its end a moment before this one does.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


@contextmanager
def forked_worker(
    environment: Mapping[str, str], log: Path, *arguments: str, module: str = DQX_WORKER
) -> Iterator[WorkerProcess]:
    """Run `dqx-worker run`, or that of another module, while the block runs; then stop it.

    Every line of its log has to be as docs/events.md describes it.
    """
    # As a shell does: who waits for an event may read it before the process is there.
    log.touch()
    worker = WorkerProcess(
        ForkedProcess(["run", *arguments], environment, stdout=log, module=module), log
    )
    try:
        yield worker
    finally:
        worker.stop()
    assert sorted(set(wrong_lines(log))) == []


def run_forked(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    timeout: float = 60.0,
    module: str = DQX_WORKER,
) -> subprocess.CompletedProcess[str]:
    """Run `dqx-worker`, or another module, to its end, as `subprocess.run` runs a command.

    Raises `subprocess.TimeoutExpired` after so many seconds, and kills the process then.
    """
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        process = ForkedProcess(arguments, environment, stdout=stdout, stderr=stderr, module=module)
        try:
            code = process.wait(timeout)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        return subprocess.CompletedProcess(
            list(arguments), code, stdout.read_text(), stderr.read_text()
        )


def _run(
    module: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    stdout: Path,
    stderr: Path,
) -> None:
    """Become a process like one that was started anew, and run the module's `main` in it."""
    os.environ.clear()
    os.environ.update(environment)
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, stdout, appending),
        (2, stderr, appending),
    ):
        opened = os.open(path, flags, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False, errors="backslashreplace")  # noqa: SIM115
    importlib.import_module(module).main(arguments)
