"""The probes of a whole worker, but for Spark: what they say from its start to its end."""

import functools
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from deploy.sandbox.worker_process import worker_environment
from tests.support.databases import shut
from tests.support.probes import HOST, ask
from tests.support.slow_spark import SlowSpark
from tests.support.waiting import until
from worker.database.pool import Database
from worker.probes.options import ProbeOptions
from worker.process.last_try import Program
from worker.process.options import WorkerOptions
from worker.process.worker import run_worker
from worker.settings import load_settings
from worker.settings.compose_options import worker_options
from worker.telemetry.events import Event

pytestmark = pytest.mark.anyio

CONTRACT = Contract(
    "c", "c", (Schema("a", "/tables/a.parquet", "", (Property("x", "string", "STRING", False),)),)
)


@pytest.fixture
def options(
    backend: Backend, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> WorkerOptions:
    """Those of a worker on a migrated database, whose probes have a port of their own."""
    settings = {
        "DQX_WORKER_POLL_INTERVAL": "50ms",
        "DQX_WORKER_LEASE": "3s",
        "DQX_WORKER_GRACE": "6s",
    }
    for name, value in worker_environment(backend.worker, tmp_path, **settings).items():
        monkeypatch.setenv(name, value)
    with socket.create_server((HOST, 0)) as free:
        probes = ProbeOptions(host=HOST, port=free.getsockname()[1], required=True)
    return replace(worker_options(load_settings(os.environ)), probes=probes)


async def test_a_worker_is_alive_while_it_starts_ready_after_and_not_while_it_drains(
    options: WorkerOptions, server: Postgres, backend: Backend
) -> None:
    assert options.probes
    port = options.probes.port
    spark = SlowSpark()
    ended: list[int] = []

    async def work() -> None:
        end = await run_worker(
            options, drain=False, open_profiler=spark.opened, program=Program([], {})
        )
        ended.append(end.stopped)

    async def unwell() -> set[str] | None:
        """Return the parts of /readyz that are; None while nobody answers."""
        try:
            parts: dict[str, Any] = (await ask(port)).json()["parts"]
        except OSError:
            return None
        return {name for name, part in parts.items() if not part["ok"]}

    async def becomes(wanted: set[str]) -> None:
        async def it_is() -> bool:
            return await unwell() == wanted

        await until(it_is, f"unwell are {wanted}", seconds=20)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        await becomes({"session", "claiming"})
        assert (await ask(port, "/livez")).status == 200
        spark.let.set()
        await becomes(set())
        ready = await ask(port)
        assert ready.status == 200
        assert ready.json()["parts"]["session"]["note"] == "DQX 0.99.0 differs"

        async with shut(server, backend.worker.database):
            await becomes({"database", "leases"})
            assert (await ask(port)).status == 503
            assert (await ask(port, "/livez")).status == 200
        await becomes(set())

        await backend.add_contract(CONTRACT)
        await backend.request(CONTRACT.id, ["a"])
        await spark.sampling.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await becomes({"claiming"})
        assert "draining" in (await ask(port)).body.decode()
    assert ended == [128 + signal.SIGTERM]
    assert await unwell() is None


@asynccontextmanager
async def starting(options: WorkerOptions) -> AsyncIterator[None]:
    """Run a worker, whose Spark never starts, while the block runs."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            functools.partial(
                run_worker,
                options,
                drain=False,
                open_profiler=SlowSpark().opened,
                program=Program([], {}),
            )
        )
        yield
        tasks.cancel_scope.cancel()


async def test_before_the_first_heartbeat_the_leases_are_not_yet_well(
    options: WorkerOptions, backend: Backend, server: Postgres
) -> None:
    assert options.probes
    port = options.probes.port
    worker = await backend.worker.connect()
    admin = await server.admin.connect()
    try:
        async with worker.transaction():
            # A worker registers in this table at its first beat.
            await worker.execute("LOCK TABLE dqx_worker.workers IN SHARE ROW EXCLUSIVE MODE")
            async with starting(options):

                async def beat_waits() -> bool:
                    return bool(
                        await admin.fetchval(
                            "SELECT true FROM pg_locks JOIN pg_database d ON d.oid = database"
                            " WHERE datname = $1 AND NOT granted",
                            backend.worker.database,
                        )
                    )

                await until(beat_waits, "the first beat waits for the lock", seconds=20)
                leases = (await ask(port)).json()["parts"]["leases"]
                assert (leases["ok"], leases["reason"]) == (False, "not yet")
    finally:
        await worker.close()
        await admin.close()


async def test_a_folder_of_the_roots_that_is_missing_is_a_warning_at_the_start(
    options: WorkerOptions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "gone"
    profiling = replace(options.profiling, roots=(tmp_path, missing))
    logged: list[str] = []

    async def reported() -> bool:
        logged.extend(capsys.readouterr().out.splitlines())
        return any(Event.ROOT_MISSING in line for line in logged)

    async with starting(replace(options, profiling=profiling)):
        await until(reported, "the warning", seconds=20)
    (line,) = [line for line in logged if Event.ROOT_MISSING in line]
    assert "warning" in line
    assert line.endswith(f"root={missing}")
