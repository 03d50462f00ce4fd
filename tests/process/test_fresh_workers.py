"""A worker that has just started takes over one lease after its first beat, Spark warm or not."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL, SIGTERM

import anyio
import asyncpg
import pytest

from deploy.sandbox.postgres import Postgres
from tests.chaos.stand_in import StandInProfiler
from tests.support.runs import ended
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until
from worker.process import signals
from worker.process.last_try import Program
from worker.process.worker import WorkerEnd, run_worker
from worker.profiling.options import ProfilingOptions
from worker.profiling.profiler import TableProfiler
from worker.settings import load_settings
from worker.settings.compose_options import worker_options

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


@asynccontextmanager
async def starting(
    site: StandInSite, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[anyio.Event, anyio.abc.TaskGroup, list[WorkerEnd]]]:
    """Run a worker whose Spark is warm once the event is set; wait for its end."""
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    # A start that does not break off in time ends its process, which is that of the tests here.
    monkeypatch.setattr(signals, "_PATIENCE", 60.0)
    options = worker_options(load_settings(os.environ))
    warm = anyio.Event()
    ends: list[WorkerEnd] = []

    @asynccontextmanager
    async def slow_start(profiling: ProfilingOptions, _: object) -> AsyncIterator[TableProfiler]:
        await warm.wait()
        yield StandInProfiler(profiling, None)

    async def work() -> None:
        program = Program([], {})
        ends.append(
            await run_worker(options, drain=False, open_profiler=slow_start, program=program)
        )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        yield warm, tasks, ends


async def newest(connection: asyncpg.Connection) -> tuple[int | None, datetime]:
    """Return the slots of the worker that has started last, and when it was registered."""
    row = await connection.fetchrow("SELECT * FROM workers ORDER BY started_at DESC LIMIT 1")
    return (row["slots"], row["started_at"]) if row else (None, datetime.now(UTC))


async def until_registered(connection: asyncpg.Connection) -> datetime:
    """Wait until the newest worker is registered with no slots; return when it was."""

    async def registered() -> bool:
        return (await newest(connection))[0] == 0

    await until(registered, "the worker is registered with no slots", seconds=10)
    return (await newest(connection))[1]


async def test_a_worker_started_again_takes_its_run_over_one_lease_after_its_first_beat(
    site: StandInSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark is not warm by then: until it is, the worker has no slots and claims nothing."""
    run_id = await left_by_a_dead_worker(site)
    async with starting(site, monkeypatch) as (warm, tasks, _), site.as_worker() as connection:
        begun = await until_registered(connection)

        async def rescued() -> bool:
            return [one["outcome"] for one in await site.attempts(run_id)] == ["expired"]

        await until(rescued, "the run is taken over", seconds=10)
        taken: datetime = await connection.fetchval("SELECT ended_at FROM attempts")
        assert LEASE <= (taken - begun).total_seconds() < LEASE + 1
        assert (await newest(connection))[0] == 0
        # The dead worker is silent, and the other one offers no slots yet.
        assert await connection.fetchval("SELECT workers_alive FROM run_status") == 0

        warm.set()
        (run,) = await ended(site.backend, run_id, seconds=10)
        assert run["status"] == "completed"
        assert (await newest(connection))[0] == 1
        tasks.cancel_scope.cancel()


async def test_a_worker_that_is_stopped_while_spark_starts_claims_nothing(
    site: StandInSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def drains() -> bool:
        return "worker.draining" in "".join(capsys.readouterr())

    run_id = await site.request(a="stand_in.1.1")
    async with site.as_worker() as connection:
        async with starting(site, monkeypatch) as (warm, _, ends):
            await until_registered(connection)
            os.kill(os.getpid(), SIGTERM)
            await until(drains, "the worker has got the signal", seconds=10)
            warm.set()
        assert [end.stopped for end in ends] == [128 + SIGTERM]
        assert (await newest(connection))[0] == 0
    assert await site.attempts(run_id) == []


async def test_a_worker_that_is_stopped_does_not_wait_for_spark_to_start(
    site: StandInSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site.as_worker() as connection:
        with anyio.fail_after(10):
            # Spark never gets warm.
            async with starting(site, monkeypatch) as (_, _, ends):
                await until_registered(connection)
                os.kill(os.getpid(), SIGTERM)
        assert [end.stopped for end in ends] == [128 + SIGTERM]


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
