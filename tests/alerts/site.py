"""The workers of one scenario: real processes on a database of their own, with probes."""

import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from deploy.sandbox.postgres import Postgres
from tests.support.forked_commands import ForkedProcess
from tests.support.probes import HOST, ask
from tests.support.proxy import free_port
from tests.support.runs import events, names
from tests.support.stand_in_workers import STAND_IN, StandInSite
from tests.support.waiting import until

__all__ = ["AlertSite", "Post"]


@dataclass(slots=True)
class Post:
    """A worker's place: its port and its log stay when its process is replaced."""

    port: int
    environment: Mapping[str, str]
    log: Path
    process: ForkedProcess | None = None

    def start(self) -> None:
        """Start a process here."""
        environment = {**self.environment, "DQX_WORKER_PROBES": f"{HOST}:{self.port}"}
        self.process = ForkedProcess(["run"], environment, stdout=self.log, module=STAND_IN)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        assert self.process is not None
        self.process.send_signal(number)

    async def kill(self) -> None:
        """Kill the process and wait until it is gone."""
        assert self.process is not None
        self.send(signal.SIGKILL)
        await self.process.ended()

    async def stop(self) -> None:
        """End the process as a supervisor does, and wait until it is gone."""
        assert self.process is not None
        self.send(signal.SIGTERM)
        await self.process.ended()

    async def is_ready(self) -> bool:
        """Return whether the worker accepts requests."""
        try:
            return (await ask(self.port)).status == 200
        except (OSError, IndexError):
            return False

    async def until_ready(self) -> None:
        """Wait until the worker accepts requests."""
        await until(self.is_ready, f"the worker of {self.log.name} is ready")

    async def until_event(self, event: str, count: int = 1) -> None:
        """Wait until the log has an event so many times."""

        async def logged() -> bool:
            return names(events(self.log)).count(event) >= count

        await until(logged, f"{event} in {self.log.name}")


@dataclass(frozen=True, slots=True)
class AlertSite:
    """A database and the workers on it, which are a scrape job."""

    stand_ins: StandInSite
    job: str
    posts: list[Post] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def made(
        cls, server: Postgres, folder: Path, name: str, settings: dict[str, str]
    ) -> AsyncIterator["AlertSite"]:
        """Make the database; the workers that the block starts are killed at its end."""
        folder.mkdir()  # noqa: ASYNC240
        stand_ins = await StandInSite.made(
            server, folder, f"alerts_{name}", older=False, **settings
        )
        site = cls(stand_ins, f"dqx-worker-{name.replace('_', '-')}")
        try:
            yield site
        finally:
            with anyio.CancelScope(shield=True):
                for post in site.posts:
                    # A stopped process is killed, too.
                    await post.kill()

    async def start(self, workers: int, environment: Mapping[str, str]) -> None:
        """Start so many workers, and wait until each accepts requests."""
        for number in range(workers):
            log = self.stand_ins.folder / f"worker-{number}.log"
            log.touch()
            post = Post(free_port(), environment, log)
            self.posts.append(post)
            post.start()
        for post in self.posts:
            await post.until_ready()
