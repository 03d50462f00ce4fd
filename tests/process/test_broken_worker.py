"""A worker in which nothing more can be profiled gives its runs back, and ends with a code."""

from pathlib import Path

import psutil
import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.process.conftest import AT_LENGTH, make_site
from tests.support.contracts import contract, write_parquet
from tests.support.runs import events, names, row
from tests.support.stand_in_site import StandInSite
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def test_threads_that_hang_beyond_the_limit_end_it_with_12_and_do_not_hold_it(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(
        server,
        tmp_path,
        "stuck",
        DQX_WORKER_STUCK_THREADS="0",
        DQX_WORKER_TABLE_DEADLINE="200ms",
    )
    run_id = await site.request(done="stand_in.1.1", hung="stand_in.hangs")
    with site.worker() as worker:
        assert worker.wait(60) == 12
    # Of each event the first: its second try may hang too, before the run is given back.
    told = {line["event"]: line for line in reversed(events(worker.log))}
    assert told["thread.stuck"]["stuck"] == 1
    assert "DQX_WORKER_STUCK_THREADS" in told["worker.broken"]["error"]
    # It finished its writes.
    assert (await row(site.backend, run_id))["status"] == "pending"
    (attempt,) = await site.attempts(run_id)
    assert attempt["outcome"] == "given_back"
    assert await site.states(run_id) == {"done": "completed"}


async def test_a_lost_session_ends_it_with_7_and_its_runs_wait_for_another(
    server: Postgres, tmp_path: Path
) -> None:
    site = await make_site(server, tmp_path, "sessionless", DQX_WORKER_PROBES="off", **AT_LENGTH)
    slow = write_parquet(
        site.tables / "slow.parquet", **{f"c{n}": list(range(100)) for n in range(40)}
    )
    await site.backend.add_contract(contract("c", slow=slow))
    run_id = await site.backend.request("c", ["slow"])

    async def profiling() -> bool:
        return [one["state"] for one in await site.backend.progress()] == ["profiling"]

    with WorkerProcess.running(site.environment, site.log) as worker:
        await until(profiling, "the table is being profiled")
        (jvm,) = [
            one
            for one in psutil.Process(worker.pid).children(recursive=True)
            if one.name() == "java"
        ]
        jvm.kill()
        assert worker.wait(60) == 7
    assert "table.retried" in names(events(site.log))
    assert events(site.log)[-1]["event"] == "worker.stopped"
    run = await row(site.backend, run_id)
    assert (run["status"], run["completed_at"]) == ("pending", None)
