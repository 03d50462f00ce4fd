"""A backend that still launches jobs, beside a worker: the writes of its old code, in their order.

It commits 'pending' with run_id NULL, launches the job, and then writes run_id and 'running'
without looking at the row again.
"""

from pathlib import Path
from typing import Any

import anyio
import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.process.conftest import AT_LENGTH, Site, make_site
from tests.support.contracts import contract, write_parquet
from tests.support.jobs import Launched, arguments, launch
from tests.support.long import long_form
from tests.support.runs import events, names, row, suggestions
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

# Enough to be seen at work: each costs a quarter of a second.
COLUMNS = 12
JOB_RUN = "620714352"


async def launched_by_old_code(site: Site, run: str, contract_id: str) -> Launched:
    """Launch the job and write what the old code writes then."""
    ends: list[Launched] = []

    async def job() -> None:
        ends.append(await launch(site.environment, *arguments(run, contract_id)))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(job)
        async with site.backend.connection() as owner:
            await owner.execute(
                "UPDATE data_profiling_runs SET run_id = $2, status = 'running' WHERE id = $1",
                run,
                JOB_RUN,
            )
    return ends[0]


async def attempts(site: Site, run: str) -> list[dict[str, Any]]:
    """Return the attempts at a run, each with the kind of process that made it."""
    connection = await site.backend.worker.connect()
    try:
        rows = await connection.fetch(
            "SELECT a.number, a.outcome, CASE WHEN w.slots = 0 THEN 'job' ELSE 'worker' END AS by"
            " FROM dqx_worker.attempts a JOIN dqx_worker.workers w ON w.id = a.worker"
            " WHERE a.run_id = $1 ORDER BY a.number",
            run,
        )
    finally:
        await connection.close()
    return [dict(one) for one in rows]


@long_form
async def test_with_a_claim_delay_the_job_does_the_work_and_the_worker_never_sees_it(
    server: Postgres, tmp_path: Path
) -> None:
    site = await make_site(server, tmp_path, "delayed", DQX_WORKER_CLAIM_DELAY="4s")
    table = write_parquet(site.tables / "t.parquet", id=[1, 2, 3])
    await site.backend.add_contract(contract("c", t=table))
    with WorkerProcess.running(site.environment, site.log):

        async def ready() -> bool:
            return "worker.ready" in names(events(site.log))

        await until(ready, "the worker is ready")
        run = await site.backend.request("c", ["t"])
        launched = await launched_by_old_code(site, run, "c")
        # One that nobody launches a job for shows that the worker takes what is old enough.
        left = await site.backend.request("c", ["t"])

        async def taken() -> bool:
            return bool((await row(site.backend, left))["status"] == "completed")

        await until(taken, "the worker takes a request that stays pending")
    assert launched.code == ExitCode.SUCCESS, launched
    done = await row(site.backend, run)
    assert (done["status"], done["run_id"]) == ("completed", JOB_RUN)
    assert await attempts(site, run) == [{"number": 1, "outcome": "completed", "by": "job"}]
    claimed = [line["run"] for line in events(site.log) if line["event"] == "run.claimed"]
    assert claimed == [left]


async def test_without_the_delay_the_workers_attempt_is_overruled_and_the_job_does_the_work(
    server: Postgres, tmp_path: Path
) -> None:
    """The row has a run_id now: for the worker's lease it was decided by somebody else."""
    site = await make_site(server, tmp_path, "raced", **AT_LENGTH)
    table = write_parquet(
        site.tables / "raced.parquet", **{f"c{n}": list(range(100)) for n in range(COLUMNS)}
    )
    await site.backend.add_contract(contract("raced", t=table))
    run = await site.backend.request("raced", ["t"])

    async def at_work() -> bool:
        states = [one["state"] for one in await site.backend.progress() if one["run_id"] == run]
        return states == ["profiling"]

    with WorkerProcess.running(site.environment, site.log):
        await until(at_work, "the worker took it, and is profiling")
        launched = await launched_by_old_code(site, run, "raced")
    assert launched.code == ExitCode.SUCCESS, launched
    done = await row(site.backend, run)
    assert (done["status"], done["run_id"]) == ("completed", JOB_RUN)
    assert await attempts(site, run) == [
        {"number": 1, "outcome": "overruled", "by": "worker"},
        {"number": 2, "outcome": "completed", "by": "job"},
    ]
    rules = [(one["property_name"], one["rule"]) for one in await suggestions(site.backend, run)]
    assert len(rules) == len(set(rules)) > 0
