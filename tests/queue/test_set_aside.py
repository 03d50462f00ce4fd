"""A request whose row Postgres refuses to change is set aside, and the others are claimed."""

from datetime import timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.sandbox import backend as backend_module
from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert as insert_row
from deploy.sandbox.postgres import Postgres
from tests.queue.conftest import Insert, attempts_of, count
from tests.support.options import database_options, password_of, queue_options
from tests.support.runs import row
from worker.database.errors import DatabaseError
from worker.database.migrate import migrate
from worker.database.pool import Database
from worker.queue.claim import claim

pytestmark = pytest.mark.anyio

RUNS = "data_profiling_runs"
CHECK = f"ALTER TABLE {RUNS} ADD CONSTRAINT sound CHECK (id <> 'poison') NOT VALID"
TRIGGER = f"""
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON {RUNS} FOR EACH ROW
    WHEN (OLD.id = 'poison') EXECUTE FUNCTION refuse();
"""
DEFERRED = TRIGGER.replace("CREATE TRIGGER", "CREATE CONSTRAINT TRIGGER").replace(
    f"BEFORE UPDATE ON {RUNS}", f"AFTER UPDATE ON {RUNS} DEFERRABLE INITIALLY DEFERRED"
)
SLOW = TRIGGER.replace("RAISE EXCEPTION 'not today'", "PERFORM pg_sleep(60); RETURN NEW")
OPTIONS = queue_options(back_off=timedelta(seconds=30))


async def alter(backend: Backend, statement: str) -> None:
    async with backend.connection() as owner:
        await owner.execute(statement)


@pytest.fixture
async def waiting(insert: Insert) -> None:
    """Three requests, the poison first."""
    for age, run in enumerate(["poison", "a", "b"]):
        await insert(run, age=10 - age)


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    "refusal", [CHECK, TRIGGER, DEFERRED], ids=["check", "trigger", "deferred"]
)
async def test_a_request_that_postgres_refuses_delays_no_other(
    database: Database, backend: Backend, refusal: str
) -> None:
    await alter(backend, refusal)
    with capture_logs() as logged:
        claimed = await claim(database, OPTIONS, 2)
    assert [lease.run.id for lease in claimed] == ["a", "b"]
    (reported,) = [line for line in logged if line["event"] == "request.set_aside"]
    assert (reported["run"], reported["wait_s"]) == ("poison", 30)
    assert (reported["contract"], reported["attempt"]) == ("c", 1)
    (attempt,) = await attempts_of(database, "poison")
    assert (attempt["outcome"], attempt["counts"], attempt["tries"]) == ("given_back", False, 1)
    assert attempt["reason"].startswith("The request could not be claimed: ")
    assert (await row(backend, "poison"))["status"] == "pending"
    assert await count(database, "leases") == 2
    # It is passed over until its back-off is over.
    assert await claim(database, OPTIONS, 2) == []


@pytest.mark.usefixtures("waiting")
async def test_a_request_whose_change_takes_too_long_delays_no_other(
    backend: Backend,
    database: Database,
) -> None:
    await alter(backend, SLOW)
    quick = database_options(backend.worker, statement_timeout=timedelta(milliseconds=500))
    async with Database.open(quick, password_of(backend.worker)) as own:
        assert [lease.run.id for lease in await claim(own, OPTIONS, 1)] == ["a"]


async def test_a_request_whose_text_can_not_be_read_delays_no_other(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database in SQL_ASCII takes any bytes, and refuses to send them as UTF-8."""
    formatted = backend_module._formatted

    async def in_ascii(connection: asyncpg.Connection, statement: str, *names: str) -> None:
        if statement.startswith("CREATE DATABASE"):
            statement += " ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0"
        await formatted(connection, statement, *names)

    monkeypatch.setattr(backend_module, "_formatted", in_ascii)
    backend = await backend_module.create_backend(server, "any_bytes")
    options, password = database_options(backend.worker), password_of(backend.worker)
    await migrate(options, password)
    async with backend.connection() as owner:
        await insert_row(owner, "data_contracts", id="c", name="c")
        for run, asked in (("poison", r"E'\xff'"), ("good", "'[]'")):
            await owner.execute(
                f"INSERT INTO {RUNS} (id, contract_id, source, status, schema_names, started_at)"
                f" VALUES ('{run}', 'c', 'dqx', 'pending', {asked}, now())"
            )
    async with Database.open(options, password) as database:
        assert [lease.run.id for lease in await claim(database, OPTIONS, 2)] == ["good"]
        (attempt,) = await attempts_of(database, "poison")
    assert "character_not_in_repertoire" in attempt["reason"]


@pytest.mark.usefixtures("waiting")
async def test_a_back_off_doubles_and_then_the_request_is_claimed_as_its_first_try(
    database: Database, backend: Backend, insert: Insert
) -> None:
    await alter(backend, CHECK)
    await claim(database, OPTIONS, 2)
    await insert("c")
    async with database.connection() as connection:
        await connection.execute("UPDATE attempts SET not_before = NULL")
    assert [lease.run.id for lease in await claim(database, OPTIONS, 2)] == ["c"]
    assert (await attempts_of(database, "poison"))[-1]["wait"] == pytest.approx(60)
    await alter(backend, f"ALTER TABLE {RUNS} DROP CONSTRAINT sound")
    async with database.connection() as connection:
        await connection.execute("UPDATE attempts SET not_before = NULL")
    (lease,) = await claim(database, OPTIONS, 2)
    assert (lease.run.id, lease.attempt, lease.tries) == ("poison", 3, 1)


@pytest.mark.usefixtures("waiting")
async def test_where_postgres_refuses_every_request_none_is_set_aside(
    database: Database, backend: Backend
) -> None:
    await alter(backend, TRIGGER.replace("WHEN (OLD.id = 'poison')", ""))
    with pytest.raises(DatabaseError, match="raise_exception"):
        await claim(database, OPTIONS, 2)
    assert await count(database, "attempts") == 0
