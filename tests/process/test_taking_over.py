"""What a worker leaves behind is done by another, and what comes back late writes nothing."""

from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.runs import ended, events, names, suggestions
from tests.support.stand_in_workers import StandInSite

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(server: Postgres, tmp_path: Path) -> StandInSite:
    return await StandInSite.made(server, tmp_path, "taken_over")


async def test_a_frozen_worker_that_comes_back_writes_nothing_and_goes_on_with_others(
    site: StandInSite,
) -> None:
    run_id = await site.request(a="stand_in.1500.2", b="stand_in.1.1")
    with site.worker("frozen") as frozen:
        await site.until_states(run_id, a="profiling", b="completed")
        frozen.send(SIGSTOP)
        with site.worker("other") as other:
            (run,) = await ended(site.backend, run_id)
            assert run["status"] == "completed"
            done = await suggestions(site.backend, run_id)
        assert other.exit_code == 143
        frozen.send(SIGCONT)
        await site.until_event(frozen, "lease.lost")
        after = await site.request(c="stand_in.1.1")
        await ended(site.backend, after)
    assert await suggestions(site.backend, run_id) == done
    assert len(done) == 3
    first, second = await site.attempts(run_id)
    assert (first["outcome"], first["counts"]) == ("expired", True)
    assert (second["outcome"], second["tries"]) == ("completed", 2)
    # What was done before was not done again.
    kept = [line["schema"] for line in events(other.log) if line["event"] == "table.kept"]
    assert kept == ["b"]
    assert "run.completed" in names(events(frozen.log))


async def test_a_worker_without_a_free_slot_makes_a_dead_ones_run_a_request_again(
    site: StandInSite,
) -> None:
    with site.worker("busy", DQX_WORKER_SLOTS="1") as busy:
        long = await site.request(a="stand_in.600000.1")
        await site.until_states(long, a="profiling")
        with site.worker("dead") as dead:
            run_id = await site.request(b="stand_in.600000.1")
            await site.until_states(run_id, b="profiling")
            dead.send(SIGKILL)
            dead.wait(10)
        await site.until_event(busy, "run.rescued")
        (row,) = [run for run in await site.backend.poll() if run["id"] == run_id]
        assert row["status"] == "pending"


async def test_a_worker_that_lets_an_idle_database_go_sees_what_another_left(
    site: StandInSite,
) -> None:
    run_id = await site.request(a="stand_in.1000.1")
    with site.worker("dead") as dead:
        await site.until_states(run_id, a="profiling")
        dead.send(SIGKILL)
        dead.wait(10)
    sleepy = {
        "DQX_WORKER_IDLE": "sleep",
        "DQX_WORKER_IDLE_AFTER": "100ms",
        "DQX_WORKER_IDLE_INTERVAL": "200ms",
    }
    with site.worker("sleepy", **sleepy) as worker:
        (run,) = await ended(site.backend, run_id)
        assert run["status"] == "completed"
        await site.until_event(worker, "worker.sleeping")
