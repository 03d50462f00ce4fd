"""Every query finds what it wants by an index, and reads a bounded number of rows beside old ones.

Beside 100,000 runs that ended, with all that is kept of them; with the plan that knows the
parameters and with the one that does not, since a prepared statement may get either.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from tests.support.crowded_database import HELD, WORKER, add_requests, load_rows, token
from tests.support.options import database_options, password_of
from tests.support.plans import PlanMode, explain
from worker.database.migrate import migrate
from worker.database.open_connection import connect
from worker.database.sql import Sql

pytestmark = pytest.mark.anyio

ROOMS = Path(__file__).parents[2] / "worker"
OLD = 100_000
WAITING = 200
LARGE = {
    "attempts",
    "table_progress",
    "workers",
    "data_profiling_runs",
    "suggested_quality_checks",
    "evidence",
    "data_contract_schema_objects",
    "data_contract_schema_properties",
}
"""The tables that grow; `leases` holds the live ones alone."""
FEW = 50
"""Rows of one table, for a query about one run or about what is in work."""
BLOCKS = 500
OWNERS_INDEX = (
    "CREATE INDEX owners_own ON data_profiling_runs (started_at, id)"
    " WHERE status = 'pending' AND source = 'dqx' AND run_id IS NULL"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A query with parameters as the worker gives them."""

    file: str
    arguments: tuple[object, ...] = ()
    most: int = FEW
    """Rows that may be read, of each table."""
    blocks: int = BLOCKS
    whole: frozenset[str] = frozenset()
    """Tables that it may read from their first row on."""


CLAIM = (2, "w", "0", "15 s", 2, "5 min", "7 days", 250, 250_001, 200)
CASES = [
    # The queue: what every worker asks all the time.
    Case("queue/sql/claim.sql", CLAIM, most=2 * WAITING),
    Case("queue/sql/claim.sql", (2, WORKER, *CLAIM[2:]), most=2 * WAITING),
    Case("queue/sql/claim.sql", (2, "w", "2 min", *CLAIM[3:]), most=2 * WAITING, blocks=1000),
    *(
        Case(
            "queue/sql/note_requests.sql",
            (500, "5 min", "7 days", 200, first_look_of),
            most=2 * WAITING,
            blocks=2500,
        )
        for first_look_of in (WORKER, None)
    ),
    Case("queue/sql/queue_depth.sql", most=2 * WAITING, blocks=2500),
    Case(
        "queue/sql/beat.sql",
        ([f"held-{n}" for n in (1, 2)], [token(n) for n in (1, 2)], "15 s", WORKER, "7 s"),
        most=6 * HELD,
    ),
    Case("queue/sql/beat.sql", ([], [], "15 s", "w-7", "30 s"), most=6 * HELD),
    Case("queue/sql/register_worker.sql", (WORKER, "0", "local", 2, "30 s")),
    Case("maintenance/sql/stop_worker.sql", (WORKER,)),
    Case("maintenance/sql/rest_worker.sql", (WORKER, "10 min")),
    Case("maintenance/sql/take_maintenance.sql", (WORKER,)),
    Case("queue/sql/claimable.sql"),
    Case("queue/sql/claimed_unknown.sql", (WORKER, [token(1)], 250_001, 200)),
    Case("queue/sql/refuse.sql", (100, 250, "{}", "too long", "0", 200), most=2 * WAITING),
    Case(
        "queue/sql/refuse.sql",
        (100, 250, "{}", "too long", "2 min", 200),
        most=2 * WAITING,
        blocks=1000,
    ),
    Case("queue/sql/due_last_tries.sql", (10, 200)),
    Case("queue/sql/requests_to_try.sql", (20, 250), most=2 * WAITING),
    Case("queue/sql/try_request.sql", ("wait-1", 250_001, 200)),
    Case("queue/sql/set_aside.sql", ("wait-1", "w", "refused", "30 s")),
    Case("queue/sql/claim_last_try.sql", ("wait-1", "w", "15 s", 250_001, 200)),
    Case("maintenance/sql/expired_leases.sql", (100, "0")),
    Case("queue/sql/vanished_objects.sql", (["c-500", "c-501"], ["table_1", "gone"])),
    # One run: its claim, its writes, its end, its rescue.
    Case("queue/sql/claim_run.sql", ("wait-1", "c-1", "w", "15 s", 200)),
    Case("runs/sql/claim_to_cancel.sql", ("wait-1", "w", "15 s", "Cancelled by test", 250)),
    Case(
        "runs/sql/cancel_unbegun.sql",
        (["wait-1", "wait-2"], "w", "failed", "{}", "Cancelled by test", 250),
    ),
    Case("runs/sql/not_ended.sql", (["wait-1", "held-1"],)),
    Case("runs/sql/open_runs.sql", (["pending"], None), most=2 * WAITING),
    Case("runs/sql/open_runs.sql", (["pending", "running"], "c-1"), most=2 * WAITING),
    Case("queue/sql/claimed_by.sql", ("held-1", 10_000, 200)),
    Case("queue/sql/prove_lease.sql", ("held-1", token(1))),
    Case("queue/sql/prove_run.sql", ("held-1", False)),
    Case("queue/sql/lock_any_run.sql", ("held-1", False)),
    Case(
        "queue/sql/end_run.sql",
        ("held-1", False, 1, "completed", "{}", None, "completed", None),
    ),
    Case(
        "queue/sql/reopen_run.sql",
        ("held-1", False, 1, "expired", "silent", True, "30 s", False, "channel"),
    ),
    Case("queue/sql/close_attempt.sql", ("held-1", 1, "expired", "silent", True)),
    Case("queue/sql/attempt_outcome.sql", ("held-1", 1)),
    Case("runs/sql/table_summaries.sql", ("done-50000",)),
    Case("queue/sql/drop_lease.sql", ("held-1", token(1), False)),
    Case("queue/sql/drop_expired_lease.sql", ("lost-1", "silent")),
    Case("queue/sql/look_at_expired.sql", ("lost-1", token(1), 200)),
    Case("queue/sql/take_expired.sql", ("lost-1", token(1), None, False)),
    Case("maintenance/sql/put_off_rescue.sql", ("lost-1", token(1), "15 s", True)),
    Case("queue/sql/reasons.sql", ("held-1", 2)),
    Case("runs/sql/request_cancel.sql", ("held-1", "Cancelled by test")),
    Case("runs/sql/adopt.sql", ("nobodys-1", "w", "15 s")),
    # Upkeep and the command line.
    Case("runs/sql/unheld_runs.sql", (100, 200), most=4 * HELD),
    Case("maintenance/sql/prune_runs.sql", ("done-5", 500, "1 day"), most=2500, blocks=20_000),
    Case("maintenance/sql/prune_requests.sql", (500,)),
    Case("maintenance/sql/prune_contracts.sql", (500,), most=4000, blocks=20_000),
    Case("maintenance/sql/prune_schemas.sql", (500,), most=4000, blocks=20_000),
    Case("maintenance/sql/prune_evidence.sql", ("s-5", 500), most=1000, blocks=5000),
    Case("maintenance/sql/prune_workers.sql", (500, "7 days"), most=1100, blocks=5000),
    Case("runs/sql/run.sql", ("held-1", 250_000, 10_000)),
    Case("runs/sql/run.sql", ("done-50000", 250_000, 10_000)),
    Case("runs/sql/run_tables.sql", ("done-50000",)),
    Case("runs/sql/backend_row.sql", ("held-1", 250_000, 10_000)),
    Case("runs/sql/last_attempt.sql", ("held-1",)),
    Case("runs/sql/count_suggestions.sql", ("done-50000",)),
    # The backend has no index by time: its own table is read, what is the worker's is not, except
    # the few leases, for each of 20 runs.
    Case(
        "runs/sql/recent_runs.sql",
        (20, 10_000, None, None),
        most=20 * 2 * HELD,
        blocks=50_000,
        whole=frozenset({"data_profiling_runs"}),
    ),
    # The runs of the last ten minutes.
    Case("runs/sql/queue_status.sql", most=10 * FEW),
    # The few leases, for each worker of the last day, and twice for all of them, for their states.
    Case("runs/sql/workers.sql", ("1 day", 200), most=26 * 2 * HELD),
    # Of the workers those that live, with the few leases for each of them.
    Case(
        "runs/sql/live_workers.sql",
        (1000,),
        most=100 * HELD,
        blocks=2500,
        whole=frozenset({"workers"}),
    ),
    Case("runs/sql/live_tables.sql", (["held-1", "held-2"], 200)),
    Case(
        "runs/sql/live_runs.sql",
        (20, 200, None, None),
        most=10 * FEW,
        blocks=50_000,
        whole=frozenset({"data_profiling_runs"}),
    ),
    Case("runs/sql/run_exists.sql", ("held-1",)),
    Case("runs/sql/ended_run.sql", ("done-50000", 250_000, 10_000_000)),
    Case("runs/sql/copy_options.sql", ("new", "done-50000", ["table_1"])),
    Case(
        "runs/sql/runs_beginning.sql",
        ("0a1b2c3d",),
        blocks=50_000,
        whole=frozenset({"data_profiling_runs"}),
    ),
    # An attempt: its tables.
    Case("progress/sql/begin_tables.sql", ("held-1", 2, ["table_1", "table_2"])),
    Case("progress/sql/enter_phases.sql", ("held-1", ["table_1"], ["profiling"], token(1), False)),
    Case("progress/sql/complete_table.sql", ("held-1", "table_1", 9, 1, 1, "{}")),
    Case("progress/sql/fail_table.sql", ("held-1", "table_1", "not there", "{}")),
    Case("progress/sql/forget_ended.sql", ("done-50000",)),
    Case("progress/sql/forget_others.sql", ("held-1", ["table_2"])),
    Case("progress/sql/forget_unfinished.sql", ("held-1",)),
    Case("progress/sql/close_tables.sql", ("held-1", "silent")),
    Case("progress/sql/skip_open_tables.sql", ("held-1", "silent")),
    Case("progress/sql/table_records.sql", ("done-50000",)),
    Case("progress/sql/table_parts.sql", ("done-50000", ["table_1"])),
    Case("progress/sql/tables_stand.sql", ("done-50000",)),
    # What else is read and written of the backend's.
    Case("backend/contracts/sql/schema_objects.sql", ("c-500", ["table_1", "table_2"], 100)),
    Case("backend/contracts/sql/schema_names.sql", ("c-500", 100, 100)),
    Case("backend/contracts/sql/physical_names.sql", ("c-500",)),
    Case("backend/contracts/sql/versions_of_family.sql", ("c-500",)),
    Case("backend/contracts/sql/versions_by_parents.sql", ("c-500",)),
    Case("backend/contracts/sql/contract.sql", ("c-500",)),
    Case("backend/contracts/sql/properties.sql", (["o-500-1"], 100, 10_000, 100, 10_000, 100)),
    Case("backend/contracts/sql/quality_checks.sql", ("c-500", 100, 1000)),
    Case("backend/contracts/sql/implementations.sql", (["q-1", "q-2"],)),
    Case("attempt/sql/run_options.sql", ("held-1", 1000)),
    # All suggestions of one contract, and of its versions.
    Case(
        "backend/suggestions/sql/decisions.sql",
        ("c-500", "table_1", "held-1", ["c-500", "c-501"], 1000, 1000),
        most=1000,
    ),
    Case("backend/suggestions/sql/implementations.sql", (["s-50000", "s-50001"],)),
    Case("backend/suggestions/sql/count.sql", ("held-1", "table_1"), most=50),
    Case("backend/suggestions/sql/of_contract.sql", ("c-500", ["accepted"]), most=500),
    Case("backend/suggestions/sql/supersede.sql", (["s-50000", "s-50001"],)),
    Case("backend/suggestions/sql/withdraw_values.sql", (["s-50000", "s-50001"],)),
    Case(
        "backend/suggestions/sql/insert.sql",
        ("held-1", "c-1", "table_1", '[{"id": "s-1", "type": "library"}]'),
    ),
    Case(
        "backend/suggestions/sql/insert_judged.sql",
        ("held-1", "c-1", "table_1", '[{"id": "s-2", "type": "library"}]'),
    ),
    Case(
        "backend/suggestions/sql/write_evidence.sql",
        ("held-1", '[{"suggestion_id": "s-1", "facts": {"rows": 1}}]'),
    ),
    Case("backend/suggestions/sql/of_run.sql", ("done-50000",)),
    # The end of a run: what waits in the contract.
    Case("backend/suggestions/sql/lock_contract.sql", ("held-1",)),
    Case("backend/suggestions/sql/move_waiting.sql", ("held-1",), most=500, blocks=2000),
    # The doctor: any row will do, and it stops at the first.
    Case("doctor/steps/sql/lock_ended_run.sql", whole=frozenset({"data_profiling_runs"})),
    Case(
        "doctor/steps/sql/newest_request.sql",
        blocks=50_000,
        whole=frozenset({"data_profiling_runs"}),
    ),
    Case("doctor/steps/sql/update_run.sql", ("done-50000",)),
    Case("doctor/steps/sql/delete_lease.sql", ("held-1",)),
    Case("doctor/steps/sql/delete_suggestion.sql", ("s-50000",)),
]

INSERTS = "an INSERT of one row, which looks for none"
CATALOG = "asks Postgres' own catalog alone"
ONE_ROW = "a table of one row, or of one for each migration"
NO_TABLE = "touches no table"
WITHOUT_PLAN = {
    "runs/sql/insert_request.sql": INSERTS,
    "runs/sql/insert_retry.sql": "an INSERT of the backend's role, for one row by its id",
    "runs/sql/may_copy_options.sql": CATALOG,
    "runs/sql/notify.sql": NO_TABLE,
    "runs/sql/read_claiming.sql": ONE_ROW,
    "runs/sql/set_claiming.sql": ONE_ROW,
    "runs/sql/readable.sql": CATALOG,
    "backend/suggestions/sql/lock_schema.sql": INSERTS,
    "backend/suggestions/sql/has_confidence.sql": CATALOG,
    "backend/contracts/sql/has_quality_checks.sql": CATALOG,
    "backend/contracts/sql/versions_named.sql": CATALOG,
    "preflight/sql/backend_lacks.sql": CATALOG,
    "runs/sql/role.sql": NO_TABLE,
    "doctor/steps/sql/connection.sql": CATALOG,
    "doctor/steps/sql/insert_attempt.sql": INSERTS,
    "doctor/steps/sql/insert_lease.sql": INSERTS,
    "doctor/steps/sql/insert_progress.sql": INSERTS,
    "doctor/steps/sql/named_tables.sql": "a person's question, of all contracts",
    "doctor/steps/sql/optional_lacks.sql": CATALOG,
    "doctor/steps/sql/own_schema.sql": CATALOG,
    "doctor/steps/sql/open_schemas.sql": CATALOG,
    "preflight/sql/session.sql": CATALOG,
    "doctor/steps/sql/where_tables_are.sql": CATALOG,
    "database/sql/create_migrations.sql": ONE_ROW,
    "database/sql/has_migrations.sql": CATALOG,
    "database/sql/installation.sql": ONE_ROW,
    "database/sql/lock_installation.sql": ONE_ROW,
    "database/sql/migrations.sql": ONE_ROW,
    "database/sql/missing_grants.sql": CATALOG,
    "database/sql/own_schema_lacks.sql": CATALOG,
    "database/sql/record_installation.sql": ONE_ROW,
    "database/sql/record_migration.sql": ONE_ROW,
    "database/sql/unknown_roles.sql": CATALOG,
}


@pytest.fixture(scope="module")
async def loaded(server: Postgres) -> Backend:
    backend = await create_backend(server, "plans")
    await migrate(database_options(backend.worker), password_of(backend.worker))
    await load_rows(backend, finished=OLD)
    await add_requests(backend, 1, WAITING)
    return backend


@pytest.fixture(scope="module")
async def connection(loaded: Backend) -> AsyncIterator[asyncpg.Connection]:
    """The worker's own, with its rights and its search_path."""
    opened = await connect(database_options(loaded.worker), password_of(loaded.worker))
    # A session reads the catalogue for the functions of views once, which is no cost of a query.
    for view in ("queue_status", "run_status", "worker_status"):
        await opened.execute(f"SELECT * FROM {view} LIMIT 1")
    yield opened
    await opened.close()


def query(file: str) -> str:
    return Sql((ROOMS / file).read_text("utf-8")).completed("public")


@pytest.mark.parametrize("mode", PlanMode, ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("case", CASES, ids=lambda case: Path(case.file).stem)
async def test_a_query_uses_an_index_and_reads_a_bounded_number_of_rows(
    connection: asyncpg.Connection, case: Case, mode: PlanMode
) -> None:
    plan = await explain(connection, query(case.file), case.arguments, mode)
    assert plan.read_whole & LARGE <= case.whole
    read = {table: rows for table, rows in plan.rows_read.items() if table not in case.whole}
    assert {table: rows for table, rows in read.items() if rows > case.most} == {}
    assert plan.blocks <= case.blocks


@pytest.mark.parametrize("mode", PlanMode, ids=lambda mode: mode.name.lower())
async def test_the_view_of_a_run_reads_what_belongs_to_that_run(
    connection: asyncpg.Connection, mode: PlanMode
) -> None:
    one = "SELECT * FROM run_status WHERE run_id = $1"
    plan = await explain(connection, one, ("held-1",), mode)
    assert plan.read_whole & LARGE == set()
    assert max(plan.rows_read.values()) <= FEW


@pytest.mark.parametrize("mode", PlanMode, ids=lambda mode: mode.name.lower())
async def test_the_view_of_a_run_reads_what_belongs_to_the_runs_of_a_contract(
    connection: asyncpg.Connection, mode: PlanMode
) -> None:
    of_contract = (
        "SELECT r.id, s.* FROM public.data_profiling_runs r"
        " LEFT JOIN run_status s ON s.run_id = r.id WHERE r.contract_id = $1"
    )
    plan = await explain(connection, of_contract, ("c-500",), mode)
    assert plan.read_whole & LARGE == set()
    # A hundred runs.
    assert max(plan.rows_read.values()) <= 10 * FEW


@pytest.mark.parametrize("mode", PlanMode, ids=lambda mode: mode.name.lower())
async def test_the_view_of_evidence_reads_that_of_the_suggestions_of_a_run(
    connection: asyncpg.Connection, mode: PlanMode
) -> None:
    of_run = (
        "SELECT e.* FROM public.suggested_quality_checks s"
        " JOIN suggestion_evidence e ON e.suggestion_id = s.id WHERE s.profile_run_id = $1"
    )
    plan = await explain(connection, of_run, ("done-50000",), mode)
    assert plan.read_whole & LARGE == set()
    assert max(plan.rows_read.values()) <= FEW


async def test_the_claim_uses_the_backends_index_on_status(connection: asyncpg.Connection) -> None:
    for mode in PlanMode:
        plan = await explain(connection, query("queue/sql/claim.sql"), CLAIM, mode)
        assert "data_profiling_runs_status_idx" in plan.indexes


async def test_the_claim_uses_the_owners_index_where_there_is_one(
    loaded: Backend, connection: asyncpg.Connection
) -> None:
    async with loaded.connection() as owner:
        await owner.execute(OWNERS_INDEX)
        try:
            plan = await explain(
                connection,
                query("queue/sql/claim.sql"),
                CLAIM,
                PlanMode.CUSTOM,
            )
        finally:
            await owner.execute("DROP INDEX owners_own")
    assert "owners_own" in plan.indexes
    # The two that it takes, once more each for their update, and one that tells that some wait.
    assert plan.rows_read["data_profiling_runs"] <= 5


async def test_the_claim_goes_once_through_the_runs_that_wait_for_a_back_off(
    connection: asyncpg.Connection,
) -> None:
    """Also where they have come since Postgres last looked how many there are."""
    waiting = WAITING // 2
    await connection.execute(
        "INSERT INTO attempts (run_id, number, worker, ended_at, outcome, not_before)"
        " SELECT 'wait-' || n, 1, 'w', now(), 'postponed', now() + interval '1 hour'"
        " FROM generate_series(1, $1::int) n",
        waiting,
    )
    try:
        for mode in PlanMode:
            plan = await explain(connection, query("queue/sql/claim.sql"), CLAIM, mode)
            assert plan.rows_read["attempts"] <= 2 * waiting
            assert plan.pairs_dropped <= WAITING
    finally:
        await connection.execute("DELETE FROM attempts WHERE run_id LIKE 'wait-%'")


def test_every_query_is_tried_or_has_a_reason_not_to_be() -> None:
    files = {
        str(path.relative_to(ROOMS)) for path in ROOMS.rglob("*.sql") if path.parent.name == "sql"
    }
    tried = {case.file for case in CASES}
    assert tried & WITHOUT_PLAN.keys() == set()
    assert files == tried | WITHOUT_PLAN.keys()
