"""A worker that is told to stop does so within its grace period, wherever its run is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals

import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.runs import events, names, row, suggestions
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

# Longer than any test.
LONG = "stand_in.600000.2"
SHORT = "stand_in.1.2"
GRACE = 6.0


@pytest.fixture
async def site(server: Postgres, tmp_path: Path) -> StandInSite:
    return await StandInSite.made(server, tmp_path, "drained")


@asynccontextmanager
async def held(site: StandInSite, statement: str) -> AsyncIterator[None]:
    """Hold locks as the backend's owner while the block runs."""
    async with site.backend.connection() as owner, owner.transaction():
        await owner.execute(statement)
        yield


async def waits_for_a_lock(site: StandInSite) -> None:
    async def waits() -> bool:
        async with site.as_worker() as connection:
            waiting: int = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        return waiting > 0

    await until(waits, "the worker waits for a lock", seconds=30)


async def given_back(site: StandInSite, run_id: str) -> None:
    """Assert that the run is a request again, and that nothing of it is half done."""
    assert (await row(site.backend, run_id))["status"] == "pending"
    (attempt,) = await site.attempts(run_id)
    assert (attempt["outcome"], attempt["counts"]) == ("given_back", False)
    assert set((await site.states(run_id)).values()) <= {"completed"}


@pytest.mark.parametrize("number", [SIGTERM, SIGINT])
async def test_a_run_in_profiling_is_interrupted_and_given_back_with_what_is_done(
    site: StandInSite, number: Signals
) -> None:
    run_id = await site.request(done=SHORT, long=LONG)
    with site.worker() as worker:
        await site.until_states(run_id, done="completed", long="profiling")
        worker.send(number)
        assert worker.wait(2 * GRACE) == 128 + number
    await given_back(site, run_id)
    assert await site.states(run_id) == {"done": "completed"}
    assert len(await suggestions(site.backend, run_id)) == 2
    assert names(events(worker.log))[-2:] == ["run.given_back", "worker.stopped"]


@pytest.mark.parametrize(
    ("phase", "lock"),
    [
        ("planning", "LOCK TABLE data_contract_schema_objects IN ACCESS EXCLUSIVE MODE"),
        ("writing", "LOCK TABLE suggested_quality_checks IN SHARE MODE"),
    ],
)
async def test_a_run_that_waits_for_the_backend_is_given_back(
    site: StandInSite, phase: str, lock: str
) -> None:
    run_id = await site.request(quick=SHORT)
    async with held(site, lock):
        with site.worker() as worker:
            await site.until_event(worker, "run.claimed")
            await waits_for_a_lock(site)
            worker.send(SIGTERM)
            assert worker.wait(2 * GRACE) == 128 + SIGTERM
    await given_back(site, run_id)
    assert await suggestions(site.backend, run_id) == []


async def test_a_run_whose_end_waits_for_the_backend_ends_within_the_grace_period(
    site: StandInSite,
) -> None:
    run_id = await site.request(quick=SHORT)
    with site.worker(DQX_WORKER_GRACE="20s") as worker:
        async with held(site, "LOCK TABLE suggested_quality_checks IN SHARE MODE"):
            await waits_for_a_lock(site)
            worker.send(SIGTERM)
            await site.until_event(worker, "worker.draining")
        # Let go in time: what is nearly done is done.
        assert worker.wait(20) == 128 + SIGTERM
    assert (await row(site.backend, run_id))["status"] == "completed"
    assert len(await suggestions(site.backend, run_id)) == 2


async def test_a_thread_that_hangs_is_waited_for_within_the_grace_period_only(
    site: StandInSite,
) -> None:
    run_id = await site.request(done=SHORT, hung="stand_in.hangs")
    with site.worker() as worker:
        await site.until_states(run_id, done="completed", hung="profiling")
        worker.send(SIGTERM)
        assert worker.wait(GRACE) == 128 + SIGTERM
    await given_back(site, run_id)
    assert "thread.stuck" in names(events(worker.log))


async def test_a_second_signal_ends_at_once_and_the_run_is_rescued(site: StandInSite) -> None:
    run_id = await site.request(long=LONG)
    with site.worker(DQX_WORKER_GRACE="10m") as worker:
        await site.until_states(run_id, long="profiling")
        worker.send(SIGTERM)
        await site.until_event(worker, "worker.draining")
        worker.send(SIGTERM)
        assert worker.wait(5) == 128 + SIGTERM
    with site.worker("another") as another:
        await site.until_event(another, "run.rescued")

        async def taken() -> bool:
            return len(await site.attempts(run_id)) == 2

        await until(taken, "the run is claimed again")
    first, second = await site.attempts(run_id)
    assert (first["outcome"], first["counts"]) == ("expired", True)
    assert (second["outcome"], second["tries"]) == ("given_back", 2)
