"""Several workers on one database share the work, and nothing is written twice."""

import json
from collections import Counter
from pathlib import Path

import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.process.conftest import make_site
from tests.support.contracts import contract, write_parquet
from tests.support.runs import ended, events

pytestmark = pytest.mark.anyio

REQUESTS = 50


async def test_two_workers_write_each_of_fifty_requests_once_and_drain(
    server: Postgres, tmp_path: Path
) -> None:
    site = await make_site(server, tmp_path, "two_workers", DQX_WORKER_SLOTS="4")
    path = write_parquet(site.tables / "small.parquet", id=list(range(30)))
    requests = []
    for number in range(REQUESTS):
        # Of one contract, each would supersede what waits of the one before.
        await site.backend.add_contract(contract(f"small {number}", small=path))
        requests.append(await site.backend.request(f"small {number}", ["small"]))
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    with (
        WorkerProcess.running(site.environment, logs[0], "--drain") as first,
        WorkerProcess.running(site.environment, logs[1], "--drain") as second,
    ):
        runs = await ended(site.backend, *requests, seconds=180)
        assert (first.wait(60), second.wait(60)) == (0, 0)
    assert {run["status"] for run in runs} == {"completed"}

    written = Counter(one["profile_run_id"] for one in await site.backend.suggestions())
    assert written == {
        run["id"]: json.loads(run["summary_stats"])["total_suggestions"] for run in runs
    }
    assert len(set(written.values())) == 1
    claims = [
        Counter(line["run"] for line in events(log) if line["event"] == "run.claimed")
        for log in logs
    ]
    assert claims[0] + claims[1] == dict.fromkeys(requests, 1)
    assert claims[0]
    assert claims[1]
    async with site.backend.connection() as owner:
        assert await owner.fetchval("SELECT count(*) FROM data_profiling_runs") == REQUESTS
