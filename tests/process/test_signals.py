"""A worker that is told to stop gives back what it has not finished."""

import json
import signal
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.process.conftest import AT_LENGTH, Site, make_site
from tests.support.contracts import contract, write_parquet
from tests.support.runs import ended, events, names, row, suggestions
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

# Each costs a quarter of a second: enough to be seen at work, and to be interrupted at it.
COLUMNS, MANY_COLUMNS = 12, 30


@pytest.fixture
async def site(server: Postgres, tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    """A run of a quick table and a slow one, and no worker yet."""
    grace, columns = request.param
    name = f"signals_{len(request.node.name)}"
    made = await make_site(server, tmp_path, name, DQX_WORKER_GRACE=grace, **AT_LENGTH)
    quick = write_parquet(made.tables / "quick.parquet", id=list(range(10)))
    slow = write_parquet(
        made.tables / "slow.parquet", **{f"c{n}": list(range(100)) for n in range(columns)}
    )
    await made.backend.add_contract(contract("both", quick=quick, slow=slow))
    await made.backend.request("both", ["quick", "slow"])
    return made


async def stopped_halfway(site: Site, log: Path) -> str:
    """Send SIGTERM to a worker that has done one table of two; return the run's id."""
    with WorkerProcess.running(site.environment, log) as worker:

        async def halfway() -> bool:
            states = {one["schema_name"]: one["state"] for one in await site.backend.progress()}
            return states == {"quick": "completed", "slow": "profiling"}

        await until(halfway, "one table done, one in work")
        worker.send(signal.SIGTERM)
        assert worker.wait(60) == 128 + signal.SIGTERM
    (run,) = await site.backend.poll()
    return str(run["id"])


@pytest.mark.parametrize("site", [("6s", MANY_COLUMNS)], indirect=True, ids=["6s"])
async def test_a_run_that_a_stopped_worker_gave_back_is_finished_by_the_next_one(
    site: Site, tmp_path: Path
) -> None:
    """The grace period ends first: the finished table is kept, the other one is begun anew."""
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    run_id = await stopped_halfway(site, logs[0])
    assert (await row(site.backend, run_id))["status"] == "pending"
    assert await _leases(site) == 0
    before = await suggestions(site.backend, run_id)
    assert {one["schema_name"] for one in before} == {"quick"}
    assert names(events(logs[0]))[-3:] == ["worker.draining", "run.given_back", "worker.stopped"]

    # It is begun anew: what is there by now is read.
    write_parquet(site.tables / "slow.parquet", id=list(range(100)))
    with WorkerProcess.running(site.environment, logs[1], "--drain") as second:
        (run,) = await ended(site.backend, run_id)
        assert second.wait(20) == 0
    assert run["status"] == "completed"
    assert "table.kept" in names(events(logs[1]))
    after = await suggestions(site.backend, run_id)
    assert {one["id"] for one in before} < {one["id"] for one in after}
    summary = json.loads(run["summary_stats"])
    assert set(summary["tables"]) == {"quick", "slow"}
    assert summary["tables"]["slow"]["columns"] == 1
    assert summary["total_suggestions"] == len(after)


@pytest.mark.parametrize("site", [("90s", COLUMNS)], indirect=True, ids=["90s"])
async def test_a_stopped_worker_finishes_what_it_can_within_the_grace_period(
    site: Site, tmp_path: Path
) -> None:
    """The run ends first: it is not interrupted, and its lease is renewed until then."""
    run_id = await stopped_halfway(site, tmp_path / "worker.log")
    assert (await row(site.backend, run_id))["status"] == "completed"
    assert await _leases(site) == 0
    assert names(events(tmp_path / "worker.log"))[-4:] == [
        "worker.draining",
        "table.profiled",
        "run.completed",
        "worker.stopped",
    ]


async def test_an_idle_worker_ends_at_once_with_the_signals_code(
    server: Postgres, tmp_path: Path
) -> None:
    site = await make_site(server, tmp_path, "idle")
    with WorkerProcess.running(site.environment, site.log) as worker:

        async def ready() -> bool:
            return "worker.ready" in site.log.read_text()

        await until(ready, "the worker is ready")
        worker.send(signal.SIGINT)
        assert worker.wait(5) == 128 + signal.SIGINT


async def _leases(site: Site) -> int:
    login = await site.backend.worker.connect()
    try:
        return int(await login.fetchval("SELECT count(*) FROM dqx_worker.leases"))
    finally:
        await login.close()
