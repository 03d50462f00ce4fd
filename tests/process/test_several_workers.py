"""Several workers on one database share the work, and nothing is written twice."""

import json
from collections import Counter
from pathlib import Path

import pytest

from deploy.sandbox.backend import insert_schema
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Schema
from tests.support.runs import ended, events
from tests.support.stand_in_workers import StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

REQUESTS = 50
SUGGESTIONS = 2


async def test_two_workers_write_each_of_fifty_requests_once_and_drain(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(server, tmp_path, "two_workers", DQX_WORKER_SLOTS="4")
    # Of one contract, each would supersede what waits of the one before.
    requests = [f"small {number}" for number in range(REQUESTS)]
    async with site.backend.connection() as owner, owner.transaction():
        for name in requests:
            await insert(owner, "data_contracts", id=name, name=name)
            await insert_schema(owner, name, Schema("small", f"stand_in.1.{SUGGESTIONS}", "", ()))
            run = {"id": name, "contract_id": name, "schema_names": '["small"]'}
            await insert(owner, "data_profiling_runs", **run)
    async with site.as_worker() as gate:
        # Neither begins before both are there.
        shut = gate.transaction()
        await shut.start()
        await gate.execute("LOCK TABLE attempts IN SHARE MODE")
        with site.worker("first", "--drain") as first, site.worker("second", "--drain") as second:

            async def both_claim() -> bool:
                waiting: int = await gate.fetchval(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted"
                    " AND relation = 'attempts'::regclass"
                )
                return waiting == 2

            await until(both_claim, "both workers claim requests")
            await shut.rollback()
            runs = await ended(site.backend, *requests)
            assert (first.wait(60), second.wait(60)) == (0, 0)
    assert {run["status"] for run in runs} == {"completed"}
    totals = [json.loads(run["summary_stats"])["total_suggestions"] for run in runs]
    assert totals == [SUGGESTIONS] * REQUESTS
    written = Counter(one["profile_run_id"] for one in await site.backend.suggestions())
    assert written == dict.fromkeys(requests, SUGGESTIONS)
    claims = [
        Counter(line["run"] for line in events(worker.log) if line["event"] == "run.claimed")
        for worker in (first, second)
    ]
    assert claims[0] + claims[1] == dict.fromkeys(requests, 1)
    assert claims[0]
    assert claims[1]
    async with site.backend.connection() as owner:
        assert await owner.fetchval("SELECT count(*) FROM data_profiling_runs") == REQUESTS
