"""The workers, each watched by a supervisor that starts it again when it has ended."""

import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

import anyio

from tests.chaos.site import Post, Site
from tests.support.forked_commands import ForkedProcess
from tests.support.stand_in_workers import STAND_IN

__all__ = ["Exit", "Fleet"]

_LAST_GRACE = 15.0


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended; negative codes are signals that ended it."""

    worker: int
    code: int
    stopped: bool
    """The fleet was asked to stop, at the end."""


class Fleet:
    """One process at each post, as long as nobody stops the fleet."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._chance = random.Random(seed)  # noqa: S311
        self._processes: dict[int, ForkedProcess] = {}
        self._stopping = False
        self.exits: list[Exit] = []

    @classmethod
    @asynccontextmanager
    async def running(cls, site: Site, seed: int) -> AsyncIterator[Self]:
        """Keep the workers running while the block runs; then end them as a supervisor does."""
        fleet = cls(site, seed)
        async with anyio.create_task_group() as tasks:
            for post in site.posts:
                tasks.start_soon(fleet._supervise, post)
            try:
                yield fleet
            finally:
                fleet._stop()
                tasks.cancel_scope.deadline = anyio.current_time() + _LAST_GRACE

    def pid(self, worker: int) -> int | None:
        """Return the process that works at a post, if one does."""
        process = self._processes.get(worker)
        return process.pid if process and process.poll() is None else None

    def send(self, worker: int, number: signal.Signals) -> bool:
        """Send a signal to the process at a post; return whether there was one."""
        process = self._processes.get(worker)
        if process is None or process.poll() is not None:
            return False
        process.send_signal(number)
        return True

    def resume(self) -> None:
        """Let every process that was stopped go on."""
        for worker in self._processes:
            self.send(worker, signal.SIGCONT)

    def _stop(self) -> None:
        self._stopping = True
        self.resume()
        for worker in self._processes:
            self.send(worker, signal.SIGTERM)

    async def _supervise(self, post: Post) -> None:
        while not self._stopping:
            process = ForkedProcess(
                post.arguments, post.environment, stdout=post.log, module=STAND_IN
            )
            self._processes[post.number] = process
            try:
                code = await process.ended()
            finally:
                process.send_signal(signal.SIGKILL)
            self.exits.append(Exit(post.number, code, self._stopping))
            if not self._stopping:
                await anyio.sleep(self._chance.uniform(0.2, 1.0))
