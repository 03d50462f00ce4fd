"""While a run is in work, the log has a line a minute about it; an idle worker logs none."""

from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from tests.attempt.conftest import Request, attempts, in_state, taken, working
from tests.support.scripted_profiler import Scripted, profiled, until_interrupted
from tests.support.waiting import until
from worker.attempt.outcome import Outcome
from worker.attempt.work_in_progress import WorkInProgress
from worker.database.pool import Database
from worker.process.report_progress import report_progress

pytestmark = pytest.mark.anyio

SOON = 0.02
HALF_DONE = {"runs": 1, "tables_done": 2, "tables_total": 3, "rows": 20}


async def reported_when_idle(in_work: WorkInProgress) -> list[Any]:
    """Return what is logged in the time of several lines."""
    with capture_logs() as logged, anyio.move_on_after(5 * SOON):
        await report_progress(in_work, SOON)
    return logged


async def test_a_run_in_work_is_reported_again_and_again_with_its_tables_and_rows(
    database: Database, request_tables: Request
) -> None:
    run_id = await request_tables("a", "b", "c")
    works = attempts(Scripted(a=[profiled], b=[profiled], c=[until_interrupted]))
    assert await reported_when_idle(works.in_work) == []
    done: list[Outcome] = []
    async with working(works, await taken(database), done) as run:
        await in_state(database, run_id, {"a": "completed", "b": "completed", "c": "profiling"})
        with capture_logs() as logged:

            async def reported_twice() -> bool:
                return sum(HALF_DONE.items() <= line.items() for line in logged) > 1

            async with anyio.create_task_group() as reporting:
                reporting.start_soon(report_progress, works.in_work, SOON)
                await until(reported_twice, f"{HALF_DONE}, twice", seconds=5)
                reporting.cancel_scope.cancel()
        run.cancel_scope.cancel()
    assert await reported_when_idle(works.in_work) == []
