"""The view `queue_status`: what it counts, and that a reader can't mislead it."""

from datetime import timedelta

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, take
from tests.support.options import queue_options
from worker.database.errors import DatabaseError
from worker.database.pool import Database
from worker.queue.claim_run import claim_run
from worker.queue.first_seen import note_requests
from worker.runs.queue_state import read_queue

pytestmark = pytest.mark.anyio


async def test_requests_runs_in_work_and_runs_that_no_worker_holds_are_counted(
    database: Database, insert: Insert
) -> None:
    await insert("taken", age=60)
    await take(database, queue_options())
    await insert("waits")
    await insert("launched", status="running", job="7")
    await claim_run(
        database,
        queue_options(),
        run_id="launched",
        contract_id="c",
        schema_names="[]",
        patience=timedelta(0),
    )
    await insert("of a job", job="8")
    await insert("of another source", source="llm")
    await insert("another's", status="running")
    await insert("done", status="completed")
    queue = await read_queue(database)
    assert (queue["waiting"], queue["in_work"], queue["without_lease"]) == (1, 2, 1)


@pytest.mark.parametrize("date", ["-infinity", "infinity", "now() + interval '9 hours'"])
async def test_a_date_that_can_not_be_right_makes_a_request_no_older(
    backend: Backend, database: Database, insert: Insert, date: str
) -> None:
    await insert("r")
    date = date if "(" in date else f"'{date}'"
    async with backend.connection() as owner:
        await owner.execute(f"UPDATE data_profiling_runs SET started_at = {date}")
    assert (await read_queue(database))["oldest_waiting"] < timedelta(seconds=10)


async def test_a_request_that_no_worker_has_seen_is_as_old_as_its_row(
    database: Database, insert: Insert
) -> None:
    await insert("r", age=3600)
    assert (await read_queue(database))["oldest_waiting"] >= timedelta(hours=1)
    await note_requests(database)
    assert (await read_queue(database))["oldest_waiting"] < timedelta(seconds=10)


async def test_without_a_right_the_queue_is_unknown_and_a_run_has_no_place(
    backend: Backend, database: Database, insert: Insert
) -> None:
    """A backend that polls `run_status` goes on; an alarm on the queue does not read zero."""
    await insert("r")
    await take(database, queue_options())
    async with backend.connection() as owner:
        await owner.execute("REVOKE SELECT ON data_profiling_runs FROM dqx_worker")
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT phase FROM run_status") == "pending"
    with pytest.raises(DatabaseError, match="insufficient_privilege"):
        await read_queue(database)


async def test_a_readers_own_tables_and_functions_are_not_looked_at(
    backend: Backend, database: Database, insert: Insert
) -> None:
    """The view's function has the rights of the worker, and looks in the worker's schema first."""
    await insert("r")
    async with database.connection() as connection:
        await connection.execute("GRANT SELECT ON queue_status TO backend")
    async with backend.connection() as reader:
        await reader.execute(
            "CREATE TEMP TABLE installation AS SELECT 'pg_temp'::text AS backend_schema;"
            " CREATE TEMP TABLE data_profiling_runs (LIKE public.data_profiling_runs);"
            " CREATE TEMP TABLE requests_seen (run_id text, first_seen timestamptz);"
            " SET search_path TO pg_temp, public"
        )
        assert await reader.fetchval("SELECT waiting FROM dqx_worker.queue_status") == 1
