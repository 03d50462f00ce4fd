"""The view `queue_status`: what it counts, and that a reader can't mislead it."""

from datetime import timedelta

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, take
from tests.queue.test_run_status import ENDED
from tests.support.options import queue_options
from worker.database.errors import DatabaseError
from worker.database.pool import Connection, Database
from worker.queue.claim_run import claim_run
from worker.queue.first_seen import note_requests
from worker.queue.heartbeat import Heartbeat
from worker.queue.queue_depth import queue_depth
from worker.runs.live import read_moment
from worker.runs.queue_state import read_queue
from worker.runs.requests import read_run, recent_runs

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


async def oldest(database: Database) -> timedelta:
    """Return the age of the oldest request, of which the view and the metric agree."""
    seen: timedelta = (await read_queue(database))["oldest_waiting"]
    depth = await queue_depth(database)
    assert depth.oldest == pytest.approx(seen.total_seconds(), abs=5)
    return seen


async def test_a_request_that_no_worker_has_seen_is_as_old_as_its_row(
    database: Database, insert: Insert
) -> None:
    await insert("r", age=3600)
    assert (await read_queue(database))["oldest_waiting"] >= timedelta(hours=1)


async def test_a_request_of_before_the_first_look_does_not_become_younger(
    database: Database, insert: Insert
) -> None:
    await insert("r", age=3600)
    await note_requests(database, first_look_of="w")
    assert await oldest(database) >= timedelta(hours=1)
    run = await read_run(database, "r")
    (recent,) = await recent_runs(database, 1)
    (live,) = (await read_moment(database, 1)).runs
    assert run is not None
    for row in (run, recent, live):
        assert row["elapsed"] >= timedelta(hours=1)


async def test_all_of_many_requests_of_before_the_first_look_keep_their_age(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await insert("r", age=3600)
    async with backend.connection() as owner:
        await owner.execute(
            "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at)"
            " SELECT 'r' || at, r.contract_id, r.source, r.status, r.started_at"
            " FROM data_profiling_runs r, generate_series(1, 600) at"
        )
    await note_requests(database, first_look_of="w")
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(waits_since) FROM requests_seen") == 601


@pytest.mark.parametrize(
    ("age", "last_seen", "columns"),
    [
        # The date of a request of just now, which a session in Asia/Tokyo has written.
        (9 * 3600, 3600, "2, NULL"),
        (9 * 3600, 3600, "0, now()"),
        (-3600, 7200, "2, NULL"),
        (8 * 86_400, 9 * 86_400, "2, NULL"),
    ],
)
async def test_a_date_at_which_a_worker_looked_or_that_is_odd_makes_a_request_no_older(
    database: Database, insert: Insert, age: float, last_seen: float, columns: str
) -> None:
    await insert("r", age=age)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO workers (id, version, engine, last_seen, slots, stopped_at)"
            f" VALUES ('earlier', '1', 'local', now() - make_interval(secs => $1), {columns})",
            last_seen,
        )
    await note_requests(database, first_look_of="w")
    assert await oldest(database) < timedelta(seconds=10)


async def test_after_its_first_look_a_worker_goes_by_when_it_saw_a_request(
    database: Database, insert: Insert
) -> None:
    await insert("r", age=3600)
    await note_requests(database)
    assert await oldest(database) < timedelta(seconds=10)


async def test_a_worker_that_is_the_first_to_look_takes_its_own_start_for_no_look(
    database: Database, insert: Insert
) -> None:
    options = queue_options()
    await insert("r", age=3600)
    async with Heartbeat(database, options, "1", lambda: None).running():
        await note_requests(database, first_look_of=options.worker)
    assert await oldest(database) >= timedelta(hours=1)


async def test_while_only_silent_workers_hold_runs_the_time_left_is_unknown(
    database: Database, insert: Insert
) -> None:
    """Another worker that is alive takes the runs over, and does them anew."""
    dead = queue_options()
    async with database.connection() as connection:
        await connection.execute(ENDED)
        await insert("r")
        async with Heartbeat(database, dead, "1", lambda: None).running():
            await take(database, dead)
            assert await left(connection) == [pytest.approx(10, abs=1)] * 2
        await connection.execute(
            "UPDATE workers SET last_seen = now() - interval '1 minute';"
            " UPDATE leases SET renewed_at = now() - interval '1 minute'"
        )
        assert await left(connection) == [None, None]
        alive = queue_options(slots=1)
        async with Heartbeat(database, alive, "1", lambda: None).running():
            assert await left(connection) == [pytest.approx(10, abs=1), None]
            await insert("waits")
            assert await left(connection) == [pytest.approx(20, abs=1), None]


async def left(connection: Connection) -> list[float | None]:
    """Return the seconds left of the queue, and of the run `r`."""
    return [
        await connection.fetchval(f"SELECT extract(epoch FROM time_left)::float FROM {view}")
        for view in ("queue_status", "run_status WHERE run_id = 'r'")
    ]


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
