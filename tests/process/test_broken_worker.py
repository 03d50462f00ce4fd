"""A worker in which nothing more can be profiled gives its runs back, and ends with a code."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.process.conftest import AT_LENGTH, Site, make_site
from tests.support.contracts import contract, write_parquet
from tests.support.long import long_form
from tests.support.runs import ended, events, names, row
from tests.support.stand_in_site import StandInSite
from tests.support.waiting import until
from worker.profiling.engines.java import java_home

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


async def test_a_jvm_that_dies_is_replaced_and_its_runs_go_on(
    server: Postgres, tmp_path: Path
) -> None:
    site = await make_site(server, tmp_path, "replaced", DQX_WORKER_PROBES="off", **AT_LENGTH)
    run_id = await _slow_request(site)
    with WorkerProcess.running(site.environment, site.log) as worker:
        await until(_profiling(site), "the table is being profiled")
        _jvm(worker).kill()
        (run,) = await ended(site.backend, run_id)
        assert run["status"] == "completed", run["error_message"]
        assert worker.exit_code is None
    told = names(events(site.log))
    assert [one for one in told if one in _TOLD] == [
        "session.lost",
        "session.replaced",
        "table.retried",
        "table.profiled",
    ]
    assert {one["state"] for one in await site.backend.progress()} == {"completed"}


@long_form
async def test_a_jvm_that_can_not_be_replaced_ends_it_with_7_and_its_runs_wait_for_another(
    server: Postgres, tmp_path: Path
) -> None:
    java, broken = tmp_path / "java" / "bin" / "java", tmp_path / "broken"
    java.parent.mkdir(parents=True)
    java.write_text(_JAVA.format(real=java_home(tmp_path) / "bin" / "java", broken=broken))
    java.chmod(0o755)
    site = await make_site(
        server,
        tmp_path,
        "irreplaceable",
        DQX_WORKER_PROBES="off",
        **AT_LENGTH,
        JAVA_HOME=str(java.parents[1]),
    )
    run_id = await _slow_request(site)
    with WorkerProcess.running(site.environment, site.log) as worker:
        await until(_profiling(site), "the table is being profiled")
        broken.touch()
        _jvm(worker).kill()
        assert worker.wait(60) == 7
    told = events(site.log)
    assert names(told).count("session.unavailable") >= 3
    assert told[-1]["event"] == "worker.stopped"
    run = await row(site.backend, run_id)
    assert (run["status"], run["completed_at"]) == ("pending", None)


_TOLD = ("session.lost", "session.replaced", "table.retried", "table.profiled", "column.skipped")
# Tells its version, and starts nothing while a file is there.
_JAVA = """#!/bin/sh
[ "$1" = -version ] || [ ! -e '{broken}' ] || exit 1
exec '{real}' "$@"
"""


async def _slow_request(site: Site) -> str:
    slow = write_parquet(
        site.tables / "slow.parquet", **{f"c{n}": list(range(100)) for n in range(40)}
    )
    await site.backend.add_contract(contract("c", slow=slow))
    return await site.backend.request("c", ["slow"])


def _profiling(site: Site) -> Callable[[], Awaitable[bool]]:
    async def profiling() -> bool:
        return [one["state"] for one in await site.backend.progress()] == ["profiling"]

    return profiling


def _jvm(worker: WorkerProcess) -> psutil.Process:
    children = psutil.Process(worker.pid).children(recursive=True)
    (jvm,) = [one for one in children if one.name() == "java"]
    return jvm
