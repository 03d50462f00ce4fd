"""Commands of the worker in processes that are forked from one that has imported its modules.

Each is a process of its own, with its environment, its standard streams, its signals and its exit
code. It only skips the start of Python and the imports: three quarters of a second of work that
most commands take longer for than for what they do.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.sandbox.worker_process import WorkerProcess

__all__ = ["ForkedProcess", "Main", "forked_worker", "run_forked"]

Main = Callable[[Sequence[str]], None]
"""What a process runs, with its arguments; a function of a module, for it is sent by name."""

# `forkserver` is the start method that forks from a process without threads of pytest's.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "tests.support.forked",
        "worker.cli.main",
        "worker.process.worker",
        "worker.process.job",
        "worker.process.doctor.examine",
        "databricks.sdk",
        "cryptography.x509",
    ]
)


def worker_main(arguments: Sequence[str]) -> None:
    """Run the console script `dqx-worker`."""
    from worker.cli.main import main

    sys.argv = ["dqx-worker", *arguments]
    main()


class ForkedProcess:
    """A running process, with the names and the meanings of `subprocess.Popen`."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        stdout: Path,
        stderr: Path | None = None,
        main: Main = worker_main,
    ) -> None:
        """Start it. Both streams are appended to files, `stderr` to that of `stdout` by default."""
        self._process = _FORKS.Process(
            target=_run, args=(main, list(arguments), dict(environment), stdout, stderr or stdout)
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

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


@contextmanager
def forked_worker(
    environment: Mapping[str, str], log: Path, *arguments: str, main: Main = worker_main
) -> Iterator[WorkerProcess]:
    """Run `dqx-worker run`, or that of another `main`, while the block runs; then stop it."""
    worker = WorkerProcess(
        ForkedProcess(["run", *arguments], environment, stdout=log, main=main), log
    )
    try:
        yield worker
    finally:
        worker.stop()


def run_forked(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    timeout: float = 60.0,
    main: Main = worker_main,
) -> subprocess.CompletedProcess[str]:
    """Run `dqx-worker`, or another `main`, to its end, as `subprocess.run` runs a command.

    Raises `subprocess.TimeoutExpired` after so many seconds, and kills the process then.
    """
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        process = ForkedProcess(arguments, environment, stdout=stdout, stderr=stderr, main=main)
        try:
            code = process.wait(timeout)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        return subprocess.CompletedProcess(
            list(arguments), code, stdout.read_text(), stderr.read_text()
        )


def _run(
    main: Main,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    stdout: Path,
    stderr: Path,
) -> None:
    """Become a process like one that was started anew, and run `main` in it."""
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
    main(arguments)
