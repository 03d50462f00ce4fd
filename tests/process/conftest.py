"""One real worker process for many tests, under the worker's own role."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess, migrate, worker_environment
from tests.support import jvm


@dataclass(frozen=True, slots=True)
class Site:
    """A database, a worker on it, and the folder of tables that it may read."""

    backend: Backend
    tables: Path
    environment: dict[str, str]
    log: Path


def sooner() -> dict[str, str]:
    """Return the settings that all workers of these tests share; with them they begin sooner."""
    return {
        **jvm.sooner(),
        "DQX_WORKER_POLL_INTERVAL": "100ms",
        "DQX_WORKER_SAMPLE_BYTES": "20MB",
        "DQX_WORKER_TABLES": "spark_catalog.*.*, main.*.*, *.information_schema.*, system.*.*",
    }


# Stock DQX takes a quarter of a second for each column: long enough to be met at work.
AT_LENGTH = {"DQX_WORKER_PROFILER": "stock"}


async def make_site(server: Postgres, folder: Path, name: str, **settings: str) -> Site:
    """Make a migrated database and the environment of its workers; start none."""
    return await site_on(await create_backend(server, name), folder, **settings)


async def site_on(backend: Backend, folder: Path, **settings: str) -> Site:
    """Migrate the database of `backend` and make the environment of its workers; start none."""
    tables = folder / "tables"
    tables.mkdir(parents=True)
    environment = worker_environment(backend.worker, tables, **(sooner() | settings))
    await migrate(environment)
    return Site(backend, tables, environment, folder / "worker.log")


@pytest.fixture(scope="session")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A site with a worker that all tests share which ask no other settings of it."""
    made = await make_site(server, tmp_path_factory.mktemp("site"), "shared")
    with WorkerProcess.running(made.environment, made.log):
        yield made
