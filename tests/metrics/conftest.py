"""A whole worker, but for Spark, whose metrics are scraped as Prometheus does it."""

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from deploy.sandbox.backend import Backend
from deploy.sandbox.sample_contracts import Contract, Schema
from deploy.sandbox.worker_process import worker_environment
from tests.support.probes import HOST, ask
from tests.support.scripted_profiler import Scripted
from tests.support.waiting import until
from worker.database.pool import Database
from worker.probes.options import ProbeOptions
from worker.process.last_try import Program
from worker.process.options import WorkerOptions
from worker.process.worker import run_worker
from worker.profiling.profiler import TableProfiler
from worker.settings import load_settings
from worker.settings.compose_options import worker_options


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape found."""

    families: dict[str, Metric]

    def value(self, name: str, **labels: str) -> float | None:
        """Return the value of a sample, None if it is absent."""
        found = [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == f"dqx_worker_{name}" and sample.labels == labels
        ]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Site:
    """A worker that may be started, and its backend."""

    options: WorkerOptions
    backend: Backend

    @asynccontextmanager
    async def working(self, profiler: Scripted) -> AsyncIterator[None]:
        """Run the worker while the block runs; it is ready when the block is entered."""

        @asynccontextmanager
        async def opened(*_: object) -> AsyncIterator[TableProfiler]:
            yield profiler

        async def run() -> None:
            await run_worker(
                self.options, drain=False, open_profiler=opened, program=Program([], {})
            )

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await self.shows(lambda found: found.value("slots") == 2, "its slots")
            yield
            tasks.cancel_scope.cancel()

    async def scrape(self) -> Scrape:
        """Return all metrics."""
        assert self.options.probes
        with anyio.fail_after(1):
            answer = await ask(self.options.probes.port, "/metrics")
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = text_string_to_metric_families(answer.body.decode())
        return Scrape({family.name: family for family in families})

    async def shows(self, wanted: Callable[[Scrape], bool], what: str) -> None:
        """Wait until a scrape has what is wanted."""

        async def it_does() -> bool:
            try:
                return wanted(await self.scrape())
            except OSError:
                return False

        await until(it_does, f"the metrics show {what}", seconds=20)

    async def request(self, *names: str) -> str:
        """Insert a request for tables, with a contract of its own."""
        contract = Contract("-".join(names), "c", tuple(Schema(n, n, "", ()) for n in names))
        await self.backend.add_contract(contract)
        return await self.backend.request(contract.id, names)


@pytest.fixture
async def site(
    backend: Backend, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Site:
    """A migrated database, and a worker whose probes have a port of their own."""
    settings = {
        "DQX_WORKER_POLL_INTERVAL": "50ms",
        "DQX_WORKER_LEASE": "3s",
        "DQX_WORKER_SUGGESTIONS": "stock",
    }
    monkeypatch.setattr("worker.process.poller._DEPTH_INTERVAL", 0.2)
    for name, value in worker_environment(backend.worker, tmp_path, **settings).items():
        monkeypatch.setenv(name, value)
    with socket.create_server((HOST, 0)) as free:
        probes = ProbeOptions(host=HOST, port=free.getsockname()[1], required=True)
    return Site(replace(worker_options(load_settings(os.environ)), probes=probes), backend)
