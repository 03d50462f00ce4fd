"""The view `run_status`: a run that waits, its place in the queue, the time that is left."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, begin_tables, take
from tests.support.options import LEDGER, queue_options
from worker.database.pool import Database
from worker.queue.finish_lease import finish, give_back
from worker.queue.first_seen import note_requests
from worker.queue.heartbeat import Heartbeat
from worker.queue.run_result import RunResult, RunStatus
from worker.runs.queue_state import read_queue

pytestmark = pytest.mark.anyio

ENDED = """
INSERT INTO attempts (run_id, number, worker, begun_at, ended_at, outcome)
SELECT 'earlier-' || n, 1, 'w', now() - interval '1 hour',
       now() - interval '1 hour' + interval '10 seconds', 'completed'
FROM generate_series(1, 5) n
"""


async def status(database: Database, run: str = "r") -> dict[str, Any] | None:
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT * FROM run_status WHERE run_id = $1", run)
    return dict(row) if row else None


async def shown(database: Database, run: str = "r") -> tuple[Any, ...] | None:
    row = await status(database, run)
    names = ("phase", "outcome", "percent", "queue_position", "tables_done")
    return tuple(row[name] for name in names) if row else None


async def test_a_request_that_a_worker_has_seen_has_a_row_until_it_waits_no_longer(
    backend: Backend, database: Database, insert: Insert
) -> None:
    for run, age in (("late", 10), ("early", 20), ("now", 0)):
        await insert(run, age=age)
        assert await status(database, run) is None
    await note_requests(database)
    for place, run in enumerate(("early", "late", "now"), 1):
        assert await shown(database, run) == ("waiting", None, 0, place, 0)
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'failed' WHERE id = 'early'")
    assert await status(database, "early") is None
    assert await shown(database, "late") == ("waiting", None, 0, 1, 0)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM run_status") == 2


async def test_a_run_that_is_given_back_waits_with_what_is_done(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    lease = await take(database, queue_options())
    await begin_tables(lease, a="completed", b="sampling")
    assert await shown(database) == ("sampling", None, 50, None, 1)
    await give_back(lease, LEDGER, "the worker stops")
    assert (await status(database) or {})["last_error"] == "the worker stops"
    assert await shown(database) == ("waiting", "given_back", 0, 1, 1)
    lease = await take(database, queue_options())
    assert await shown(database) == ("pending", None, 0, None, 1)
    await begin_tables(lease, a="sampling", b="profiling")
    assert await shown(database) == ("profiling", None, 77, None, 1)


async def test_a_run_that_is_wanted_again_begins_anew(
    backend: Backend, database: Database, insert: Insert
) -> None:
    await insert("r")
    lease = await take(database, queue_options())
    await begin_tables(lease, a="completed")
    await finish(lease, LEDGER, RunResult(RunStatus.COMPLETED, "{}", None))
    assert await shown(database) == ("completed", "completed", 100, None, 1)
    assert (await status(database) or {})["rows"] == 1
    async with backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'pending'")
    assert await shown(database) == ("waiting", "completed", 0, 1, 0)


async def test_the_time_left_follows_from_usual_runs_slots_and_place(
    database: Database, insert: Insert
) -> None:
    """Runs take 10 s. Two slots have two of them in work, and then one waits behind another."""
    options = queue_options(slots=2)
    for number in range(6):
        await insert(f"r{number}", age=60 - number)
    async with Heartbeat(database, options, "1", lambda: None).running():
        await note_requests(database)
        assert await left(database, "r5") is None
        async with database.connection() as connection:
            await connection.execute(ENDED)
        # 60 s of work for two, the last of which has no other beside it half of its time.
        assert await left(database, "r5") == pytest.approx(32.5, abs=1)
        assert await left(database, None) == pytest.approx(32.5, abs=1)
        assert await left(database, "r0") == pytest.approx(10, abs=1)
        for _ in range(2):
            await take(database, options)
        assert await left(database, "r0") == pytest.approx(10, abs=1)
        assert await left(database, "r5") == pytest.approx(32.5, abs=1)
        async with database.connection() as connection:
            await connection.execute("UPDATE claiming SET paused = true")
        assert await left(database, "r5") is None
        assert await left(database, None) is None
        # What is in work goes on.
        assert await left(database, "r0") == pytest.approx(10, abs=1)


async def test_a_run_of_many_tables_goes_by_its_own_pace(
    database: Database, insert: Insert
) -> None:
    await insert("r")
    lease = await take(database, queue_options())
    async with database.connection() as connection:
        await connection.execute(ENDED)
        await connection.execute("UPDATE attempts SET begun_at = now() - interval '30 seconds'")
    await begin_tables(lease, a="completed", b="completed", c="completed", d="sampling")
    assert await left(database, "r") == pytest.approx(10, abs=1)


async def test_of_an_empty_queue_nothing_is_left(database: Database) -> None:
    queue = await read_queue(database)
    assert (queue["waiting"], queue["in_work"], queue["oldest_waiting"]) == (0, 0, None)
    assert queue["time_left"] == timedelta(0)


async def left(database: Database, run: str | None) -> float | None:
    """Return the seconds until a run has ended, or until all have."""
    row = await read_queue(database) if run is None else await status(database, run)
    found: timedelta | None = (row or {})["time_left"]
    return None if found is None else found.total_seconds()
