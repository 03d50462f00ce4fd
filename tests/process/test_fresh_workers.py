"""A worker that has just started takes over one lease after its first beat, Spark warm or not."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from signal import SIGKILL
from typing import Any

import anyio
import pytest

from deploy.sandbox.postgres import Postgres
from tests.chaos.stand_in import StandInProfiler
from tests.support.runs import ended
from tests.support.stand_in_site import StandInSite
from tests.support.waiting import until
from worker.process.worker import run_worker
from worker.profiling.options import ProfilingOptions
from worker.profiling.profiler import TableProfiler
from worker.settings import load_settings
from worker.settings.options import worker_options

pytestmark = pytest.mark.anyio

LEASE = 3.0


@pytest.fixture
async def site(server: Postgres, tmp_path: Path) -> StandInSite:
    return await StandInSite.made(server, tmp_path, "fresh", DQX_WORKER_SLOTS="1")


async def left_by_a_dead_worker(site: StandInSite) -> str:
    """Return the id of a run whose worker was killed."""
    run_id = await site.request(a="stand_in.1000.1")
    with site.worker("dead") as dead:
        await site.until_states(run_id, a="profiling")
        dead.send(SIGKILL)
        dead.wait(10)
    return run_id


async def test_a_worker_started_again_takes_its_run_over_one_lease_after_its_first_beat(
    site: StandInSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark is not warm by then: until it is, the worker has no slots and claims nothing."""
    run_id = await left_by_a_dead_worker(site)
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    options = worker_options(load_settings(os.environ))
    warm = anyio.Event()

    @asynccontextmanager
    async def slow_start(profiling: ProfilingOptions, _: object) -> AsyncIterator[TableProfiler]:
        await warm.wait()
        yield StandInProfiler(profiling, None)

    async def work() -> None:
        await run_worker(options, drain=False, open_profiler=slow_start)

    async with anyio.create_task_group() as tasks, site.as_worker() as connection:
        tasks.start_soon(work)

        async def fetch(query: str) -> dict[str, Any]:
            row = await connection.fetchrow(query)
            return dict(row) if row else {}

        async def newest() -> dict[str, Any]:
            return await fetch("SELECT * FROM workers ORDER BY started_at DESC LIMIT 1")

        async def registered() -> bool:
            return (await newest())["slots"] == 0

        await until(registered, "the worker is registered with no slots", seconds=10)
        begun: datetime = (await newest())["started_at"]

        async def rescued() -> bool:
            return (await site.attempts(run_id))[0]["outcome"] == "expired"

        await until(rescued, "the run is taken over", seconds=10)
        taken = (await fetch("SELECT ended_at FROM attempts"))["ended_at"]
        assert LEASE <= (taken - begun).total_seconds() < LEASE + 1
        assert (await newest())["slots"] == 0
        # Only the dead worker counts, for a minute.
        assert (await fetch("SELECT workers_alive FROM run_status"))["workers_alive"] == 1

        warm.set()
        (run,) = await ended(site.backend, run_id, seconds=10)
        assert run["status"] == "completed"
        assert (await newest())["slots"] == 1
        tasks.cancel_scope.cancel()


async def test_a_fresh_worker_that_drains_takes_an_expired_lease_over_before_it_ends(
    site: StandInSite,
) -> None:
    run_id = await left_by_a_dead_worker(site)
    async with site.as_worker() as connection:
        await connection.execute("UPDATE leases SET expires_at = clock_timestamp()")
    with site.worker("drains", "--drain") as worker:
        assert worker.wait(20) == 0
    (run,) = await ended(site.backend, run_id, seconds=1)
    assert run["status"] == "completed"
