"""A database and a worker for one scenario, and the longest gap between two ticks of its loop."""

import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import anyio
import asyncpg

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess, migrate, worker_environment
from tests.bench_loop.worker import TICKS
from tests.support.waiting import until

__all__ = ["Place"]

_COMMAND = [sys.executable, "-m", "tests.bench_loop.worker", "run"]
_SETTINGS = {
    "DQX_WORKER_LOG_FORMAT": "json",
    "DQX_WORKER_PROBES": "off",
    # As short as a lease may be for the expired ones to be taken over soon.
    "DQX_WORKER_LEASE": "3s",
    "DQX_WORKER_POLL_INTERVAL": "100ms",
    "DQX_WORKER_GRACE": "6s",
}
_PATIENCE = 60.0
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database with the contract `c`, which has no schema object yet."""

    backend: Backend
    folder: Path
    environment: dict[str, str]

    @classmethod
    async def made(cls, server: Postgres, folder: Path, **settings: str) -> "Place":
        """Make the database anew; start no worker."""
        name = f"loop{next(_numbers)}"
        own = folder / name
        own.mkdir()
        backend = await create_backend(server, name)
        environment = worker_environment(backend.worker, own, **(_SETTINGS | settings))
        await migrate(environment, own / "migrate.log")
        async with backend.connection() as owner:
            await insert(owner, "data_contracts", id="c", name="c")
        return cls(backend, own, environment | {TICKS: str(own / "ticks")})

    async def add_objects(self, *names: str, physical_name: str = "stand_in.1.1") -> None:
        """Add schema objects of these names; their ids are `o` and a number from 0 on."""
        async with self.backend.connection() as owner:
            for number, name in enumerate(names):
                await insert(
                    owner,
                    "data_contract_schema_objects",
                    id=f"o{number}",
                    contract_id="c",
                    name=name,
                    physical_name=physical_name,
                )

    @asynccontextmanager
    async def own_tables(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a connection that sees the worker's own tables."""
        connection = await self.backend.worker.connect()
        try:
            await connection.execute("SET search_path TO dqx_worker, public")
            yield connection
        finally:
            await connection.close()

    @contextmanager
    def worker(self, log: Path | None = None) -> Iterator[WorkerProcess]:
        """Run a worker while the block runs."""
        log = log or self.folder / "worker.log"
        # An earlier worker's.
        Path(self.environment[TICKS]).unlink(missing_ok=True)
        with WorkerProcess.running(self.environment, log, command=_COMMAND) as worker:
            try:
                yield worker
            finally:
                worker.stop()

    async def ready(self) -> None:
        """Wait until the worker ticks and takes requests."""
        ticks = anyio.Path(self.environment[TICKS])
        async with self.own_tables() as connection:

            async def taking() -> bool:
                slots = "SELECT EXISTS (SELECT FROM workers WHERE slots > 0)"
                return await ticks.exists() and bool(await connection.fetchval(slots))

            await until(taking, f"a worker is ready: see {self.folder}", seconds=_PATIENCE)

    async def ended(self, *run_ids: str) -> bool:
        """Wait until the runs have ended; return False if they do not within a minute."""
        async with self.backend.connection() as owner:

            async def over() -> bool:
                left: int = await owner.fetchval(
                    "SELECT count(*) FROM data_profiling_runs"
                    " WHERE id = ANY ($1) AND status NOT IN ('completed', 'failed')",
                    run_ids,
                )
                return left == 0

            try:
                await until(over, "the runs end", seconds=_PATIENCE)
            except AssertionError:
                return False
        return True

    def longest_gap(self, since: float) -> float:
        """Return the longest time without a tick, in seconds, one that still lasts included."""
        lines = Path(self.environment[TICKS]).read_text("ascii").splitlines()
        ticks = [tuple(map(float, line.split())) for line in lines]
        gaps = [min(gap, at - since) for at, gap in ticks if at > since]
        return max([*gaps, time.monotonic() - max(ticks[-1][0], since)])
