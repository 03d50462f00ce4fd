"""A rescue that fails delays no other: its lease goes to the end of the line, and not for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from tests.queue.conftest import Insert, attempts_of, begin_tables, count, expire, take
from tests.support.options import LEDGER, queue_options
from tests.support.runs import row
from worker.database.pool import Database
from worker.maintenance.rescue import rescue
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.claim import claim
from worker.queue.options import MOST_RESCUES
from worker.queue.run_progress import Foreseen
from worker.runs.adopt import UnheldRun, unheld_runs

pytestmark = pytest.mark.anyio

SOON = queue_options(
    lease=timedelta(microseconds=1), end_patience=timedelta(microseconds=1), max_attempts=1
)
REFUSES = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON data_profiling_runs FOR EACH ROW
    WHEN (OLD.id = 'poison') EXECUTE FUNCTION refuse();
"""
SPOIL = "UPDATE dqx_worker.table_progress SET summary = '{' WHERE run_id = 'poison'"
SUPPRESSES = REFUSES.replace("RAISE EXCEPTION 'not today'", "RETURN NULL")
HANG_UP = REFUSES.replace("plpgsql AS", "plpgsql SECURITY DEFINER AS").replace(
    "RAISE EXCEPTION 'not today'", "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW"
)


async def as_admin(server: Postgres, backend: Backend, statement: str) -> None:
    admin = await replace(server.admin, database=backend.worker.database).connect()
    try:
        await admin.execute(statement)
    finally:
        await admin.close()


@pytest.fixture
async def expired(database: Database, insert: Insert) -> list[str]:
    """Three runs whose worker died, the poison first; the others are to end."""
    for age, run in enumerate(["poison", "a", "b"]):
        await insert(run, age=10 - age)
    leases = await claim(database, queue_options(slots=3), 3)
    for lease in leases:
        await begin_tables(lease, a="completed", b="profiling")
        await expire(database, lease.run.id)
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE leases SET expires_at = expires_at - interval '1 minute'"
            " WHERE run_id = 'poison'"
        )
    return [lease.run.id for lease in leases]


@pytest.mark.parametrize(
    "poison",
    [REFUSES, SUPPRESSES, SPOIL, HANG_UP],
    ids=["refuses", "suppresses", "can't be read", "hangs up"],
)
async def test_one_expired_lease_that_fails_delays_no_other(
    database: Database, backend: Backend, server: Postgres, expired: list[str], poison: str
) -> None:
    await as_admin(server, backend, poison)
    with capture_logs() as logged:
        rescued = await rescue(database, SOON, LEDGER)
    assert [one.run_id for one in rescued] == ["a", "b"]
    (failed,) = [line for line in logged if line["event"] == "rescue.failed"]
    assert failed["run"] == "poison"
    # It goes to the end of the line, and its failures are counted.
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT failed_rescues FROM leases") == 1


async def test_a_lease_that_fails_goes_behind_all_that_have_expired(
    database: Database, backend: Backend, server: Postgres, expired: list[str]
) -> None:
    await as_admin(server, backend, REFUSES)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM leases WHERE run_id = 'b'")
    async with backend.connection() as owner, owner.transaction():
        await owner.execute("SELECT FROM data_profiling_runs WHERE id = 'a' FOR UPDATE")
        assert await rescue(database, SOON, LEDGER) == []
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT run_id FROM leases ORDER BY expires_at")
    assert [row["run_id"] for row in rows] == ["poison", "a"]
    async with database.connection() as connection:
        moved = "SELECT expires_at > clock_timestamp() - interval '30 s' FROM leases"
        assert await connection.fetchval(f"{moved} WHERE run_id = 'poison'")


async def until_given_up(database: Database) -> list[str]:
    outcomes: list[str] = []
    for _ in range(MOST_RESCUES):
        outcomes += [one.outcome for one in await rescue(database, SOON, LEDGER)]
    return outcomes


async def test_after_eight_failures_the_run_ends_failed_without_a_look_at_its_tables(
    database: Database, backend: Backend, server: Postgres, expired: list[str]
) -> None:
    await as_admin(server, backend, SPOIL)
    assert await until_given_up(database) == ["failed", "failed", "failed"]
    run = await row(backend, "poison")
    assert run["status"] == "failed"
    assert run["error_message"] == (
        "The run's worker died, and taking the run over failed 8 times: ValueError"
    )
    assert await count(database, "leases") == 0


@pytest.mark.parametrize("refusal", [REFUSES, SUPPRESSES], ids=["refuses", "suppresses"])
async def test_a_run_that_refuses_even_that_is_stuck_by_name_and_nothing_is_tried_again(
    *,
    database: Database,
    backend: Backend,
    server: Postgres,
    expired: list[str],
    refusal: str,
) -> None:
    await as_admin(server, backend, refusal)
    assert await until_given_up(database) == ["failed", "failed", "stuck"]
    assert (await row(backend, "poison"))["status"] == "running"
    assert await count(database, "leases") == 0
    (attempt,) = await attempts_of(database, "poison")
    assert attempt["outcome"] == "stuck"
    (unheld,) = await unheld_runs(database)
    assert unheld == UnheldRun("poison", None, "c", None, attempt["number"], attempt["reason"])
    assert await rescue(database, SOON, LEDGER) == []


async def test_a_run_that_is_locked_for_long_is_not_given_up(
    database: Database, backend: Backend, expired: list[str]
) -> None:
    async with backend.connection() as owner, owner.transaction():
        await owner.execute("SELECT FROM data_profiling_runs WHERE id = 'poison' FOR UPDATE")
        assert await until_given_up(database) == ["failed", "failed"]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT failed_rescues FROM leases") == 0
    assert [one.run_id for one in await rescue(database, SOON, LEDGER)] == ["poison"]


@pytest.mark.parametrize(
    ("change", "then"),
    [
        (
            "UPDATE dqx_worker.table_progress SET state = 'completed', ended_at = now()",
            ["completed"],
        ),
        ("UPDATE dqx_worker.leases SET expires_at = now() + interval '1 minute'", []),
        ("UPDATE dqx_worker.leases SET cancel_requested = 'enough'", ["failed"]),
        ("UPDATE data_profiling_runs SET status = 'cancelled'", ["overruled"]),
    ],
    ids=["a write", "a renewal", "a cancel", "a decision"],
)
async def test_what_changes_between_the_look_and_the_lock_is_never_overlooked(
    *,
    database: Database,
    backend: Backend,
    server: Postgres,
    insert: Insert,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    then: list[str],
) -> None:
    """A holder that was frozen comes back, for example, while a rescuer prepares the end."""
    await insert("r")
    (lease,) = await claim(database, queue_options(), 1)
    await begin_tables(lease, a="completed", b="profiling")
    await expire(database)
    foresee = StoredRunProgress.foresee

    async def slowly(self: StoredRunProgress, *args: object) -> Foreseen:
        foreseen = await foresee(self, *args)  # type: ignore[arg-type]
        await as_admin(server, backend, change)
        return foreseen

    with monkeypatch.context() as patch:
        patch.setattr(StoredRunProgress, "foresee", slowly)
        assert await rescue(database, SOON, LEDGER) == []
    # That is no failure.
    assert await count(database, "leases WHERE failed_rescues = 0") == 1
    assert [one.outcome for one in await rescue(database, SOON, LEDGER)] == then


async def test_an_outage_excuses_at_most_one_attempt_in_a_row(
    database: Database, backend: Backend, insert: Insert
) -> None:
    """A run that kills its worker ends, although Postgres is started anew in between each time."""
    await insert("r")
    outcomes = []
    for _ in range(4):
        async with database.connection() as connection:
            await connection.execute("UPDATE attempts SET not_before = NULL")
        await take(database, queue_options())
        await expire(database)
        async with database.connection() as connection:
            before = "pg_postmaster_start_time() - interval '1 second'"
            await connection.execute(f"UPDATE leases SET renewed_at = {before}")
        (one,) = await rescue(database, replace(SOON, max_attempts=2), LEDGER)
        outcomes.append(one.outcome)
    assert outcomes == ["pending", "pending", "pending", "failed"]
    counted = [one["counts"] for one in await attempts_of(database)]
    assert counted == [False, True, False, True]
