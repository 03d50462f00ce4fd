"""A database of its own for each measurement, and real worker processes with the stand-in."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import anyio

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from deploy.sandbox.worker_process import migrate, worker_environment
from tests.support.stand_in_workers import STAND_IN
from tests.support.waiting import until

__all__ = ["CONTRACT", "TABLE", "Place", "Worker"]

CONTRACT, TABLE = "c", "table_1"
_ROOT = Path(__file__).parents[2]
_numbers = count(1)
_making = anyio.Lock()
# All else is the default. Workers on one machine would fight for the port of the probes.
_SETTINGS = {"DQX_WORKER_LOG_FORMAT": "json", "DQX_WORKER_PROBES": "off"}


@dataclass(frozen=True, slots=True)
class Place:
    """A database with both sides' tables, and how a worker gets there."""

    backend: Backend
    environment: Mapping[str, str]
    folder: Path

    @classmethod
    async def make(cls, server: Postgres, folder: Path, **settings: str) -> "Place":
        """Make a database that is migrated and empty."""
        name = f"bench{next(_numbers)}"
        # Two that make the server's roles at once would be in each other's way.
        async with _making:
            backend = await create_backend(server, name)
        own = folder / name
        own.mkdir()
        environment = worker_environment(backend.worker, own, **(_SETTINGS | settings))
        await migrate(environment, own / "migrate.log")
        return cls(backend, environment, own)

    async def add_contract(self, physical_name: str) -> None:
        """Add the contract `CONTRACT` of one table."""
        columns = (Property("c0", "string", "STRING", required=False),)
        await self.backend.add_contract(
            Contract(CONTRACT, "Bench", (Schema(TABLE, physical_name, "", columns),))
        )


class Worker:
    """A process of `tests.chaos.worker`: the real worker, whose tables take a known time."""

    def __init__(self, place: Place) -> None:
        self.log = place.folder / f"worker-{next(_numbers)}.log"
        with self.log.open("ab") as stream:
            self._process = subprocess.Popen(
                [sys.executable, "-m", STAND_IN, "run"],
                env=dict(place.environment),
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )
        self.name = ""
        """By which it is known in the tables, once it is ready."""

    @classmethod
    @contextmanager
    def at(cls, place: Place) -> Iterator["Worker"]:
        """Run a worker while the block runs."""
        worker = cls(place)
        try:
            yield worker
        finally:
            worker.kill()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def ready(self) -> None:
        """Wait until it takes requests."""

        async def worker_is_ready() -> bool:
            for line in self.log.read_text("utf-8").splitlines():
                with suppress(ValueError):
                    event = json.loads(line)
                    if event["event"] == "worker.ready":
                        self.name = event["worker"]
            return bool(self.name)

        await until(worker_is_ready, f"a worker is ready: see {self.log}", seconds=60)

    def kill(self) -> None:
        """End it as a crash of its machine would, as far as it can see."""
        if self._process.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self._process.wait()
