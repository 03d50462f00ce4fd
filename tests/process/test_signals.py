"""A worker that is told to stop gives back what it has not finished."""

import json
import signal
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.process.conftest import Site, make_site
from tests.support.contracts import contract, write_parquet
from tests.support.runs import ended, events, names, row, suggestions
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

COLUMNS = 30


async def test_a_run_that_a_stopped_worker_gave_back_is_finished_by_the_next_one(
    server: Postgres, tmp_path: Path
) -> None:
    """SIGTERM in the middle: the finished table is kept, the other one is begun anew."""
    site = await make_site(server, tmp_path, "signals", DQX_WORKER_GRACE="6s")
    quick = write_parquet(site.tables / "quick.parquet", id=list(range(10)))
    slow = write_parquet(
        site.tables / "slow.parquet", **{f"c{n}": list(range(100)) for n in range(COLUMNS)}
    )
    await site.backend.add_contract(contract("both", quick=quick, slow=slow))
    run_id = await site.backend.request("both", ["quick", "slow"])
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    with WorkerProcess.running(site.environment, logs[0]) as first:

        async def halfway() -> bool:
            states = {one["schema_name"]: one["state"] for one in await site.backend.progress()}
            return states == {"quick": "completed", "slow": "profiling"}

        await until(halfway, "one table done, one in work")
        first.send(signal.SIGTERM)
        assert first.wait(20) == 128 + signal.SIGTERM
    assert (await row(site.backend, run_id))["status"] == "pending"
    assert await _leases(site) == 0
    before = await suggestions(site.backend, run_id)
    assert {one["schema_name"] for one in before} == {"quick"}
    assert names(events(logs[0]))[-3:] == ["worker.draining", "run.given_back", "worker.stopped"]

    with WorkerProcess.running(site.environment, logs[1], "--drain") as second:
        (run,) = await ended(site.backend, run_id)
        assert second.wait(20) == 0
    assert run["status"] == "completed"
    assert "table.kept" in names(events(logs[1]))
    after = await suggestions(site.backend, run_id)
    assert {one["id"] for one in before} < {one["id"] for one in after}
    summary = json.loads(run["summary_stats"])
    assert set(summary["tables"]) == {"quick", "slow"}
    assert summary["total_suggestions"] == len(after)


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
