"""Real worker processes without Spark: their tables are stand-ins of tests/chaos/stand_in.py."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Schema
from deploy.sandbox.worker_process import WorkerProcess, worker_environment
from tests.support.command import migrate
from tests.support.databases import copy_backend
from tests.support.forked_commands import forked_worker
from tests.support.runs import events, names
from tests.support.waiting import until

STAND_IN = "tests.chaos.worker"
SETTINGS = {
    "DQX_WORKER_LEASE": "3s",
    "DQX_WORKER_POLL_INTERVAL": "100ms",
    "DQX_WORKER_GRACE": "6s",
    "DQX_WORKER_PROBES": "off",
    "DQX_WORKER_LOG_FORMAT": "json",
}


@dataclass(frozen=True, slots=True)
class StandInSite:
    """A migrated database and the environment of the workers on it."""

    server: Postgres
    backend: Backend
    folder: Path
    environment: dict[str, str]

    @classmethod
    async def made(
        cls, server: Postgres, folder: Path, database: str, *, older: bool = False, **settings: str
    ) -> "StandInSite":
        """Make the database anew, on request with an older backend's tables; start no worker."""
        backend = await copy_backend(server, database, older=older)
        environment = worker_environment(backend.worker, folder, **(SETTINGS | settings))
        await migrate(environment)
        return cls(server, backend, folder, environment)

    @contextmanager
    def worker(
        self, name: str = "worker", *arguments: str, **settings: str
    ) -> Iterator[WorkerProcess]:
        """Run a worker while the block runs; its log bears its name."""
        log = self.folder / f"{name}.log"
        environment = self.environment | settings
        with forked_worker(environment, log, *arguments, module=STAND_IN) as worker:
            yield worker

    async def request(self, **tables: str) -> str:
        """Insert a contract with these schemas and physical names, and a request for all."""
        return await self.backend.request(await self.contract(**tables), list(tables))

    async def contract(self, **tables: str) -> str:
        """Insert a contract with these schemas and physical names, if it is new; return its id."""
        contract = "-".join(f"{name}.{table}" for name, table in tables.items())
        async with self.backend.connection() as owner:
            known = await owner.fetchval("SELECT 1 FROM data_contracts WHERE id = $1", contract)
        if not known:
            schemas = tuple(Schema(name, table, "", ()) for name, table in tables.items())
            await self.backend.add_contract(Contract(contract, contract, schemas))
        return contract

    @asynccontextmanager
    async def as_worker(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a connection that sees the worker's own tables."""
        connection = await self.backend.worker.connect()
        try:
            await connection.execute("SET search_path TO dqx_worker, public")
            yield connection
        finally:
            await connection.close()

    async def attempts(self, run_id: str) -> list[dict[str, Any]]:
        """Return the attempts at a run."""
        async with self.as_worker() as connection:
            rows = await connection.fetch(
                "SELECT number, worker, outcome, reason, counts, tries FROM attempts"
                " WHERE run_id = $1 ORDER BY number",
                run_id,
            )
        return [dict(row) for row in rows]

    async def states(self, run_id: str) -> dict[str, str]:
        """Return the states of a run's tables."""
        rows = await self.backend.progress()
        return {row["schema_name"]: row["state"] for row in rows if row["run_id"] == run_id}

    async def until_states(self, run_id: str, **states: str) -> None:
        """Wait until a run's tables are in these states."""
        # One connection asks each time: a login costs more than what it asks.
        async with self.as_worker() as connection:

            async def there() -> bool:
                rows = await connection.fetch(
                    "SELECT schema_name, state FROM table_progress WHERE run_id = $1", run_id
                )
                return {row["schema_name"]: row["state"] for row in rows} == states

            await until(there, f"the tables are {states}", seconds=30)

    async def until_event(self, worker: WorkerProcess, event: str, count: int = 1) -> None:
        """Wait until a worker's log has an event so many times."""

        async def logged() -> bool:
            return names(events(worker.log)).count(event) >= count

        await until(logged, f"{event} in {worker.log.name}", seconds=30)
