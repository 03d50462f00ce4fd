"""The last try of a run that has cost a worker, in a process of its own.

A run may kill its worker, and the runs in flight beside it are charged with it. So its last try is
made where it can take nothing else with it, and where nothing waits for it.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio
from anyio.abc import Process

from worker.process.signals import Stop
from worker.queue.claim import DueLastTry
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["LastTries", "Program"]

log = get_logger(__name__)

# Seconds: until another process is started after one that did not end well; and what a process gets
# for its last writes once the worker's own runs have been given back.
_PAUSE = 5.0
_LAST_WRITES = 5.0


@dataclass(frozen=True, slots=True)
class Program:
    """This program, as a process of its own runs it."""

    command: Sequence[str]
    environment: Mapping[str, str]
    """As it was at the start: Spark adds to it what a second session must not see."""


class LastTries:
    """Makes last tries, one at a time; it may start one while nothing is `in_work`.

    The process is a worker with a lease of its own. If it dies, its lease expires and the run is
    rescued like any other. It stops, and gives its run back, when its standard input is closed:
    by a worker that stops, and by the kernel if that died.
    """

    def __init__(self, program: Program, stop: Stop) -> None:
        self._program = program
        self._stop = stop
        self._not_before = 0.0
        self.in_work = False
        """Whether a process lives, or is about to."""

    @property
    def may_begin(self) -> bool:
        """Whether a process may be started now."""
        return not self.in_work and anyio.current_time() >= self._not_before

    def reserve(self) -> None:
        """Begin no other before the next call of `make` has ended."""
        self.in_work = True

    async def make(self, due: DueLastTry) -> None:
        """Have a process make the last try of a run, and wait for its end."""
        try:
            problem = await self._make(due)
        finally:
            self.in_work = False
        if problem is not None:
            self._not_before = anyio.current_time() + _PAUSE
            log.warning(Event.RUN_NOT_ISOLATED, **due.log_fields, error=problem)

    async def _make(self, due: DueLastTry) -> str | None:
        """Return what went wrong with the process itself."""
        try:
            process = await anyio.open_process(
                [*self._program.command, "run", f"--only={due.id}"],
                stdin=subprocess.PIPE,
                # Its log lines are lines of this worker's log.
                stdout=None,
                stderr=None,
                env=dict(self._program.environment),
                # What a terminal sends to the worker, the worker passes on.
                start_new_session=True,
            )
        except OSError as error:
            return f"its process could not be started: {error}"
        log.info(Event.RUN_ISOLATED, **due.log_fields, pid=process.pid)
        code = await self._ended(process)
        if code == 0 or self._stop.asked.is_set():
            return None
        return f"its process {process.pid} ended with {code}"

    async def _ended(self, process: Process) -> int | None:
        """Wait for the end of the process, which is bound to that of this task."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._pass_on, process)
                await process.wait()
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await _close_input(process)
                with anyio.move_on_after(_LAST_WRITES):
                    await process.wait()
                if process.returncode is None:
                    process.kill()
                await process.aclose()
        return process.returncode

    async def _pass_on(self, process: Process) -> None:
        await self._stop.asked.wait()
        await _close_input(process)


async def _close_input(process: Process) -> None:
    if process.stdin is not None:
        await process.stdin.aclose()
