"""Many runs are cancelled at once: those that were named, and no others."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from deploy.sandbox.backend import Backend
from tests.queue.conftest import Insert, attempts_of, begin_tables, count, expire
from tests.support.options import LEDGER, queue_options
from tests.support.runs import row
from worker.database.pool import Database
from worker.queue.claim import claim
from worker.queue.finish_lease import postpone
from worker.runs.cancel_many import BulkCancel, Cancelled, NamedRun, Selection, not_ended
from worker.runs.errors import cancelled

pytestmark = pytest.mark.anyio

WORDS = cancelled("ann", "a mistake")
ALL = Selection()
PENDING = Selection(("pending",))


async def cancel(
    database: Database, runs: Sequence[NamedRun], selection: Selection = ALL
) -> dict[str, Cancelled]:
    bulk = BulkCancel(database, queue_options(), LEDGER, WORDS, selection.statuses)
    return {one.run_id: one async for one in bulk.cancel(runs)}


async def statuses(backend: Backend) -> dict[str, str]:
    async with backend.connection() as owner:
        rows = await owner.fetch("SELECT id, status FROM data_profiling_runs ORDER BY id")
    return {one["id"]: one["status"] for one in rows}


async def test_what_is_requested_after_the_others_were_named_is_left_alone(
    database: Database, backend: Backend, insert: Insert
) -> None:
    for run in ("a", "b"):
        await insert(run)
    runs = await ALL.runs(database)
    await insert("late")
    assert await cancel(database, runs) == {"a": Cancelled("a"), "b": Cancelled("b")}
    assert await statuses(backend) == {"a": "failed", "b": "failed", "late": "pending"}
    ended = await row(backend, "a")
    assert (ended["error_message"], WORDS in ended["summary_stats"]) == (WORDS, True)
    assert ended["completed_at"] is not None
    (attempt,) = await attempts_of(database, "a")
    assert (attempt["outcome"], attempt["reason"]) == ("cancelled", WORDS)
    assert await count(database, "leases") == 0
    (lease,) = await claim(database, queue_options(), 5)
    assert lease.run.id == "late"


async def test_a_selection_names_the_runs_of_its_contract_and_its_status(
    database: Database, backend: Backend, insert: Insert
) -> None:
    for run, status in (("p", "pending"), ("r", "running"), ("done", "completed")):
        await insert(run, status=status)
    await insert("theirs", source="llm")
    async with backend.connection() as owner:
        await owner.execute(
            'INSERT INTO data_contracts SELECT (jsonb_populate_record(c, \'{"id": "d"}\')).*'
            " FROM data_contracts c;"
            " INSERT INTO data_profiling_runs (id, contract_id, source, status)"
            " VALUES ('q', 'd', 'dqx', 'pending')"
        )

    async def named(selection: Selection) -> set[str]:
        return {run.id for run in await selection.runs(database)}

    assert await named(ALL) == {"p", "r", "q"}
    assert await named(Selection(contract="c")) == {"p", "r"}
    assert await named(PENDING) == {"p", "q"}
    assert await named(Selection(("running",), "c")) == {"r"}
    assert await named(Selection(("running",), "d")) == set()


async def test_a_run_whose_status_has_changed_since_it_was_named_is_left_alone(
    database: Database, backend: Backend, insert: Insert
) -> None:
    for run in ("claimed", "waits"):
        await insert(run, age=10 if run == "claimed" else 0)
    runs = await PENDING.runs(database)
    await claim(database, queue_options(), 1)
    done = await cancel(database, runs, PENDING)
    assert done["waits"] == Cancelled("waits")
    assert done["claimed"].refused == "Run claimed is running by now, and was left alone"
    assert await statuses(backend) == {"claimed": "running", "waits": "failed"}
    assert await count(database, "leases WHERE cancel_requested IS NULL") == 1
    # Neither is what is in work if only that was meant, and waits by now.
    runs = await Selection(("running",)).runs(database)
    async with backend.connection() as owner:
        await owner.execute(
            "UPDATE data_profiling_runs SET status = 'pending' WHERE status = 'running'"
        )
    async with database.connection() as connection:
        await connection.execute("DELETE FROM leases")
    done = await cancel(database, runs, Selection(("running",)))
    assert done["claimed"].refused == "Run claimed is pending by now, and was left alone"


async def test_what_is_in_work_is_marked_and_what_nobody_can_cancel_is_reported(
    database: Database, backend: Backend, insert: Insert
) -> None:
    for age, run in enumerate(("waits", "postponed", "held", "lost")):
        await insert(run, age=age)
    lost, held, postponed = await claim(database, queue_options(worker="its worker"), 3)
    await begin_tables(postponed, a="completed", b="profiling")
    await postpone(postponed, LEDGER, "throttled", timedelta(hours=1))
    await expire(database, lost.run.id)
    await insert("nobodys", status="running")
    await insert("a job's", job="77")
    done = await cancel(database, await ALL.runs(database))
    assert {run: one.worker for run, one in done.items() if one.refused is None} == {
        "waits": None,
        "postponed": None,
        "lost": None,
        "held": "its worker",
    }
    assert "dqx-worker adopt nobodys" in (done["nobodys"].refused or "")
    assert "belongs to the job run 77" in (done["a job's"].refused or "")
    assert '"main.a"' in (await row(backend, "postponed"))["summary_stats"]
    assert await not_ended(database, list(done)) == ["held", "nobodys", "a job's"]
    assert held.run.id == "held"


async def test_one_request_that_postgres_refuses_to_end_keeps_none_of_the_others(
    database: Database, backend: Backend, insert: Insert
) -> None:
    for run in ("a", "odd", "z"):
        await insert(run)
    async with backend.connection() as owner:
        await owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;"
            " CREATE TRIGGER refuse BEFORE UPDATE ON data_profiling_runs FOR EACH ROW"
            " WHEN (NEW.id = 'odd') EXECUTE FUNCTION refuse()"
        )
    done = await cancel(database, await ALL.runs(database))
    assert done["odd"].refused == (
        "Run odd could not be cancelled: A transaction failed: Postgres reports raise_exception"
    )
    assert await statuses(backend) == {"a": "failed", "odd": "pending", "z": "failed"}


async def test_hundreds_end_in_one_transaction_and_what_waits_moves_to_the_newest(
    database: Database, backend: Backend, insert: Insert
) -> None:
    async with backend.connection() as owner:
        await insert("earlier", status="completed", age=1000)
        await owner.execute(
            "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at)"
            " SELECT 'n' || n, 'c', 'dqx', 'pending', now() - make_interval(secs => n)"
            " FROM generate_series(1, 400) n;"
            " INSERT INTO data_contract_schema_objects (id, contract_id, name, logical_type)"
            " VALUES ('o', 'c', 'a', 'object');"
            " INSERT INTO suggested_quality_checks (id, profile_run_id, contract_id, source,"
            " schema_name, status, type)"
            " VALUES ('s', 'earlier', 'c', 'dqx', 'a', 'pending', 'custom')"
        )
    done = await cancel(database, await PENDING.runs(database), PENDING)
    assert len(done) == 400
    assert await count(database, "(SELECT DISTINCT xmin::text FROM attempts) x") == 1
    async with backend.connection() as owner:
        (run,) = await owner.fetch("SELECT profile_run_id FROM suggested_quality_checks")
    assert run["profile_run_id"] == "n1"
    assert await count(database, "requests_seen") == 0
