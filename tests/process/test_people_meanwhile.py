"""What people and the backend do while a run is in work is never undone, and costs no other run."""

from collections.abc import AsyncIterator

import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.support.contracts import contract
from tests.support.runs import ended, events, row, suggestions
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

QUICK = "stand_in.1.2"
# Longer than any test, and longer than two heartbeats.
ENDLESS, SLOW = "stand_in.600000.2", "stand_in.2500.2"


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    return await StandInSite.made(server, tmp_path_factory.mktemp("meanwhile"), "meanwhile")


@pytest.fixture(scope="module")
async def worker(site: StandInSite) -> AsyncIterator[WorkerProcess]:
    with site.worker() as running:
        yield running


@pytest.fixture
async def begun(
    site: StandInSite, worker: WorkerProcess, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[str, str]]:
    """A run whose table `quick` is done and whose table `slow` is being profiled."""
    contract_id = f"meanwhile {request.node.name}"
    slow = getattr(request, "param", ENDLESS)
    await site.backend.add_contract(contract(contract_id, quick=QUICK, slow=slow))
    run_id = await site.backend.request(contract_id, ["quick", "slow"])
    await site.until_states(run_id, quick="completed", slow="profiling")
    yield contract_id, run_id
    # Whatever happened to this run, the next one is served.
    await site.backend.add_contract(contract(f"after-{contract_id}", quick=QUICK))
    (after,) = await ended(
        site.backend, await site.backend.request(f"after-{contract_id}", ["quick"])
    )
    assert after["status"] == "completed"


async def _closed(site: StandInSite, run_id: str) -> None:
    """Wait until the worker has no lease on the run any more."""
    async with site.as_worker() as connection:

        async def no_lease() -> bool:
            return not await connection.fetchval(
                "SELECT count(*) FROM leases WHERE run_id = $1", run_id
            )

        await until(no_lease, "the worker lets go of the run")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE data_profiling_runs SET status = 'cancelled' WHERE id = $1",
        "UPDATE data_profiling_runs SET status = 'failed', error_message = 'by hand' WHERE id = $1",
    ],
)
async def test_a_status_that_somebody_set_stays(
    site: StandInSite, worker: WorkerProcess, begun: tuple[str, str], change: str
) -> None:
    _, run_id = begun
    async with site.backend.connection() as owner:
        await owner.execute(change, run_id)
    decided = await row(site.backend, run_id)
    await _closed(site, run_id)
    assert await row(site.backend, run_id) == decided
    assert {one["schema_name"] for one in await suggestions(site.backend, run_id)} == {"quick"}
    overruled = [line["run"] for line in events(worker.log) if line["event"] == "lease.overruled"]
    assert run_id in overruled


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM data_profiling_runs WHERE id = $2 AND contract_id = $1",
        "DELETE FROM data_contracts WHERE id = $1 AND $2::text IS NOT NULL",
    ],
)
async def test_a_run_or_contract_that_is_deleted_stays_so(
    site: StandInSite, begun: tuple[str, str], change: str
) -> None:
    contract_id, run_id = begun
    async with site.backend.connection() as owner:
        await owner.execute(change, contract_id, run_id)
    await _closed(site, run_id)
    assert await suggestions(site.backend, run_id) == []
    assert run_id not in {run["id"] for run in await site.backend.poll()}


async def test_schema_objects_that_vanish_stop_their_tables_and_the_run_says_so(
    site: StandInSite, begun: tuple[str, str]
) -> None:
    contract_id, run_id = begun
    async with site.backend.connection() as owner:
        await owner.execute(
            "DELETE FROM data_contract_schema_objects WHERE contract_id = $1", contract_id
        )
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "failed"
    assert run["error_message"] == (
        "Failed to profile 1 of 2 schemas: slow: "
        "the schema was deleted from the contract while it was profiled"
    )
    # What was done before that stays.
    assert {one["schema_name"] for one in await suggestions(site.backend, run_id)} == {"quick"}


@pytest.mark.parametrize("begun", [SLOW], indirect=True)
async def test_a_decision_made_while_the_run_writes_is_kept(
    site: StandInSite, begun: tuple[str, str]
) -> None:
    _, run_id = begun
    first, second = await suggestions(site.backend, run_id)
    async with site.backend.connection() as owner:
        await owner.execute(
            "UPDATE suggested_quality_checks SET status = 'accepted' WHERE id = $1", first["id"]
        )
        await owner.execute(
            "UPDATE suggested_quality_checks SET status = 'rejected' WHERE id = $1", second["id"]
        )
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "completed"
    found = {one["id"]: one["status"] for one in await suggestions(site.backend, run_id)}
    assert (found[first["id"]], found[second["id"]]) == ("accepted", "rejected")
    assert list(found.values()).count("pending") == len(found) - 2
