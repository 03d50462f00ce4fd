"""One real worker process for many tests, under the worker's own role."""

import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import ANOTHER_USER, Postgres, needs_nobody
from deploy.sandbox.worker_process import WorkerProcess, worker_environment
from tests.support import jvm
from tests.support.command import migrate
from tests.support.databases import copy_backend
from tests.support.events_page import wrong_lines


@dataclass(frozen=True, slots=True)
class Site:
    """A database, a worker on it, and the folder of tables that it may read."""

    backend: Backend
    tables: Path
    environment: dict[str, str]
    log: Path


def sooner() -> dict[str, str]:
    """Return the settings that all workers of these tests share; with them they begin sooner.

    Most of these tests are about the way from DQX's checks to rows; those about what is suggested
    choose the mode `judged`.
    """
    return {
        **jvm.sooner(),
        "DQX_WORKER_POLL_INTERVAL": "100ms",
        "DQX_WORKER_SAMPLE_BYTES": "20MB",
        "DQX_WORKER_SUGGESTIONS": "stock",
        "DQX_WORKER_TABLES": "spark_catalog.*.*, main.*.*, *.information_schema.*, system.*.*",
    }


async def make_site(server: Postgres, folder: Path, name: str, **settings: str) -> Site:
    """Make a migrated database and the environment of its workers; start none."""
    backend = await copy_backend(server, name)
    tables = folder / "tables"
    tables.mkdir(parents=True)
    environment = worker_environment(backend.worker, tables, **(sooner() | settings))
    await migrate(environment)
    return Site(backend, tables, environment, folder / "worker.log")


async def choose(site: Site, run_id: str, **options: object) -> None:
    """Insert the options of a run that is to be requested."""
    worker = await site.backend.worker.connect()
    await worker.execute(
        "INSERT INTO dqx_worker.run_options (run_id, options) VALUES ($1, $2)",
        run_id,
        json.dumps(options),
    )
    await worker.close()


@pytest.fixture(scope="session")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A site with a worker, which logs all there is, for all tests that ask no other settings.

    Their files are a group in tests/support/xdist_groups.py: one process has their only Spark.
    The worker's user is one for whom the permissions of files count.
    """
    folder = tmp_path_factory.mktemp("site")
    made = await make_site(server, folder, "shared", DQX_WORKER_LOG_LEVEL="debug")
    with WorkerProcess.running(made.environment, made.log, prefix=_as_another_user()) as worker:
        yield made
        assert worker.stop() == 128 + signal.SIGTERM
        assert sorted(set(wrong_lines(made.log))) == []


# Root without user namespaces: still root, but not above the permissions of files.
_NO_OVERRIDE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


def _as_another_user() -> tuple[str, ...]:
    """Return the command before a program for whom permissions count, also where this is root."""
    if os.geteuid() != 0:
        return ()
    return _NO_OVERRIDE if needs_nobody() else ANOTHER_USER
