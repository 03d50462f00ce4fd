"""A backend that still launches jobs, beside a worker: the writes of its old code, in their order.

It commits 'pending' with run_id NULL, launches the job, and then writes run_id and 'running'
without looking at the row again.
"""

from pathlib import Path
from typing import Any

import anyio
import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.contracts import contract
from tests.support.jobs import Launched, arguments, launch
from tests.support.runs import ended, events, row, suggestions
from tests.support.stand_in_workers import STAND_IN, StandInSite
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

JOB_RUN = "620714352"


async def launched_by_old_code(site: StandInSite, run: str, contract_id: str) -> Launched:
    """Launch the job and write what the old code writes then."""
    ends: list[Launched] = []

    async def job() -> None:
        ends.append(await launch(site.environment, *arguments(run, contract_id), module=STAND_IN))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(job)
        async with site.backend.connection() as owner:
            await owner.execute(
                "UPDATE data_profiling_runs SET run_id = $2, status = 'running' WHERE id = $1",
                run,
                JOB_RUN,
            )
    return ends[0]


async def attempts(site: StandInSite, run: str) -> list[dict[str, Any]]:
    """Return the attempts at a run, each with the kind of process that made it.

    The worker was started before the job.
    """
    async with site.as_worker() as connection:
        rows = await connection.fetch(
            "SELECT a.number, a.outcome,"
            " CASE WHEN a.worker = (SELECT id FROM workers ORDER BY started_at LIMIT 1)"
            " THEN 'worker' ELSE 'job' END AS by"
            " FROM attempts a WHERE a.run_id = $1 ORDER BY a.number",
            run,
        )
    return [dict(one) for one in rows]


async def test_with_a_claim_delay_the_job_does_the_work_and_the_worker_never_takes_it(
    server: Postgres, tmp_path: Path
) -> None:
    site = await StandInSite.made(server, tmp_path, "delayed", DQX_WORKER_CLAIM_DELAY="4s")
    await site.backend.add_contract(contract("c", t="stand_in.1.1"))
    with site.worker() as worker:
        await site.until_event(worker, "worker.ready")
        run = await site.backend.request("c", ["t"])
        async with site.as_worker() as connection:

            async def seen() -> bool:
                return bool(
                    await connection.fetchval(
                        "SELECT count(*) FROM requests_seen WHERE run_id = $1", run
                    )
                )

            await until(seen, "the worker has seen the request")
        launched = await launched_by_old_code(site, run, "c")
        # One that nobody launches a job for shows that the worker takes what is old enough.
        left = await site.backend.request("c", ["t"])
        (taken,) = await ended(site.backend, left)
        assert taken["status"] == "completed"
    assert launched.code == ExitCode.SUCCESS, launched
    done = await row(site.backend, run)
    assert (done["status"], done["run_id"]) == ("completed", JOB_RUN)
    assert await attempts(site, run) == [{"number": 1, "outcome": "completed", "by": "job"}]
    claimed = [line["run"] for line in events(worker.log) if line["event"] == "run.claimed"]
    assert claimed == [left]


async def test_without_the_delay_the_workers_attempt_is_overruled_and_the_job_does_the_work(
    server: Postgres, tmp_path: Path
) -> None:
    """The row has a run_id now: for the worker's lease it was decided by somebody else."""
    site = await StandInSite.made(server, tmp_path, "raced")
    await site.backend.add_contract(contract("raced", t="stand_in.600000.2"))
    run = await site.backend.request("raced", ["t"])
    with site.worker():
        await site.until_states(run, t="profiling")
        # The job's table does not take as long.
        async with site.backend.connection() as owner:
            await owner.execute(
                "UPDATE data_contract_schema_objects SET physical_name = 'stand_in.1.2'"
            )
        launched = await launched_by_old_code(site, run, "raced")
    assert launched.code == ExitCode.SUCCESS, launched
    done = await row(site.backend, run)
    assert (done["status"], done["run_id"]) == ("completed", JOB_RUN)
    assert await attempts(site, run) == [
        {"number": 1, "outcome": "overruled", "by": "worker"},
        {"number": 2, "outcome": "completed", "by": "job"},
    ]
    rules = [(one["property_name"], one["rule"]) for one in await suggestions(site.backend, run)]
    assert len(rules) == len(set(rules)) == 2
