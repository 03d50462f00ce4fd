"""A job watches tables and rights while it works, as a worker does."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_environment
from tests.support.contracts import contract
from tests.support.runs import row
from tests.support.slow_spark import SlowSpark
from tests.support.waiting import until
from worker.database.pool import Database
from worker.process.job import JobRequest, run_job
from worker.process.options import WorkerOptions
from worker.settings import load_settings
from worker.settings.compose_options import job_options

pytestmark = pytest.mark.anyio

RIGHT = "UPDATE ON dqx_worker.workers"


@pytest.fixture
def options(
    backend: Backend, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> WorkerOptions:
    """Those of a job on a migrated database, with a beat each second."""
    for name, value in worker_environment(backend.worker, tmp_path).items():
        monkeypatch.setenv(name, value)
    options = job_options(load_settings(os.environ))
    return replace(options, queue=replace(options.queue, lease=timedelta(seconds=3)))


async def test_a_right_that_is_lost_is_reported_and_so_is_its_return(
    options: WorkerOptions, backend: Backend, database: Database
) -> None:
    await backend.add_contract(contract("c", t="/tables/t.parquet"))
    run = await backend.request("c", ["t"])
    request = JobRequest(run_id=run, contract_id="c", schema_names='["t"]')
    spark = SlowSpark()
    spark.let.set()

    async def work() -> None:
        await run_job(options, request, open_profiler=spark.opened)

    async def heard(event: str) -> Mapping[str, Any]:
        async def is_heard() -> bool:
            return any(line["event"] == event for line in logged)

        await until(is_heard, event, seconds=10)
        return next(line for line in logged if line["event"] == event)

    with capture_logs() as logged:
        async with anyio.create_task_group() as tasks, database.connection() as owner:
            tasks.start_soon(work)
            with anyio.fail_after(10):
                await spark.sampling.wait()
            await owner.execute(f"REVOKE {RIGHT} FROM dqx_worker")
            assert "GRANT" in (await heard("schema.unusable"))["error"]
            await owner.execute(f"GRANT {RIGHT} TO dqx_worker")
            await heard("schema.usable")
            tasks.cancel_scope.cancel()
    assert (await row(backend, run))["status"] == "failed"
