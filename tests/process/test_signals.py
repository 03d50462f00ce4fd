"""A worker that is told to stop gives back what it has not finished."""

import json
import signal
from datetime import datetime

import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.runs import ended, events, names, row, suggestions
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

QUICK = "stand_in.1.2"
# Longer than any test, and longer than a lease lives.
ENDLESS, SLOW = "stand_in.600000.2", "stand_in.4000.2"


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    return await StandInSite.made(server, tmp_path_factory.mktemp("signals"), "signals")


async def test_a_run_that_a_stopped_worker_gave_back_is_finished_by_the_next_one(
    site: StandInSite,
) -> None:
    """The grace period ends first: the finished table is kept, the other one is begun anew."""
    run_id = await site.request(quick=QUICK, slow=ENDLESS)
    with site.worker("first") as first:
        await site.until_states(run_id, quick="completed", slow="profiling")
        first.send(signal.SIGTERM)
        assert first.wait(60) == 128 + signal.SIGTERM
    given_back = await row(site.backend, run_id)
    assert given_back["status"] == "pending"
    assert await _leases(site) == []
    before = await suggestions(site.backend, run_id)
    assert {one["schema_name"] for one in before} == {"quick"}
    assert names(events(first.log))[-3:] == ["worker.draining", "run.given_back", "worker.stopped"]

    # It is begun anew: what the contract says by now is read.
    async with site.backend.connection() as owner:
        await owner.execute(
            "UPDATE data_contract_schema_objects SET physical_name = 'stand_in.1.1'"
            " WHERE name = 'slow' AND contract_id = $1",
            given_back["contract_id"],
        )
    with site.worker("second", "--drain") as second:
        (run,) = await ended(site.backend, run_id)
        assert second.wait(20) == 0
    assert run["status"] == "completed"
    kept = [one["schema"] for one in events(second.log) if one["event"] == "table.kept"]
    assert kept == ["quick"]
    after = await suggestions(site.backend, run_id)
    assert {one["id"] for one in before} < {one["id"] for one in after}
    summary = json.loads(run["summary_stats"])
    assert set(summary["tables"]) == {"quick", "slow"}
    assert summary["tables"]["slow"]["columns"] == 1
    assert summary["total_suggestions"] == len(after) == 3


async def test_a_stopped_worker_finishes_what_it_can_within_the_grace_period(
    site: StandInSite,
) -> None:
    """The run ends first: it is not interrupted, and its lease is renewed until then."""
    run_id = await site.request(quick=QUICK, slow=SLOW)
    with site.worker("patient", DQX_WORKER_GRACE="90s") as worker:
        await site.until_states(run_id, quick="completed", slow="profiling")
        worker.send(signal.SIGTERM)
        await site.until_event(worker, "worker.draining")
        (lives_until,) = await _leases(site)

        async def renewed() -> bool:
            return await _leases(site) > [lives_until]

        await until(renewed, "the lease is renewed")
        # It takes nothing more, and is alive.
        assert await _workers(site) == {("alive", 0)}
        assert worker.wait(60) == 128 + signal.SIGTERM
    assert (await row(site.backend, run_id))["status"] == "completed"
    assert await _leases(site) == []
    assert names(events(worker.log))[-4:] == [
        "worker.draining",
        "table.profiled",
        "run.completed",
        "worker.stopped",
    ]


async def test_an_idle_worker_ends_at_once_with_the_signals_code(site: StandInSite) -> None:
    with site.worker("idle") as worker:
        await site.until_event(worker, "worker.ready")
        assert ("alive", 2) in await _workers(site)
        worker.send(signal.SIGINT)
        assert worker.wait(5) == 128 + signal.SIGINT
    assert {state for state, _ in await _workers(site)} == {"stopped"}


async def _workers(site: StandInSite) -> set[tuple[str, int]]:
    """Return the states and slots of the workers that have not stopped; of all if all have."""
    async with site.as_worker() as connection:
        rows = await connection.fetch("SELECT state, slots FROM worker_status")
    found = {(row["state"], row["slots"]) for row in rows}
    return {one for one in found if one[0] != "stopped"} or found


async def _leases(site: StandInSite) -> list[datetime]:
    """Return when each lease ends."""
    async with site.as_worker() as connection:
        return [one["expires_at"] for one in await connection.fetch("SELECT * FROM leases")]
