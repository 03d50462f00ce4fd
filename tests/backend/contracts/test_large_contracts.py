"""A contract of any size costs no run more than its own tables, with statistics that are wrong."""

from datetime import timedelta

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from tests.attempt.conftest import attempts, taken
from tests.support.options import database_options, password_of
from tests.support.plans import PlanMode, explain
from tests.support.runs import row
from tests.support.scripted_profiler import Scripted, profiled
from worker.attempt import plan
from worker.backend.contracts import load, schema
from worker.backend.contracts.load import load_schema_objects
from worker.backend.contracts.schema import Unread
from worker.database.open_connection import connect
from worker.database.pool import Database
from worker.database.sql import load_sql

pytestmark = pytest.mark.anyio

STATEMENT = timedelta(seconds=2)
_OBJECTS = """
INSERT INTO data_contract_schema_objects (id, contract_id, name, logical_type, physical_name)
SELECT $1::text || n, $1, 's' || n, 'object', 's' || n FROM generate_series(1, $2::int) n
"""
_PROPERTIES = """
INSERT INTO data_contract_schema_properties
    (id, object_id, name, required, "unique", primary_key, partitioned, primary_key_position,
     partition_key_position, critical_data_element)
SELECT $1::text || n || '-' || p, $1 || n, 'c' || p, false, false, false, false, -1, -1, false
FROM generate_series(1, $2::int) n, generate_series(1, $3::int) p
"""


async def import_contract(backend: Backend, name: str, objects: int, properties: int) -> None:
    """Insert a contract at once, without statistics for the planner."""
    async with backend.connection() as owner:
        for table in ("objects", "properties"):
            await owner.execute(
                f"ALTER TABLE data_contract_schema_{table} SET (autovacuum_enabled = false)"
            )
        await insert(owner, "data_contracts", id=name, name=name)
        await owner.execute(_OBJECTS, name, objects)
        await owner.execute(_PROPERTIES, name, objects, properties)


@pytest.mark.parametrize(
    ("before", "objects", "properties"),
    [(0, 2_000, 100), (2_000, 1, 20_000)],
    ids=["many", "wide"],
)
async def test_a_large_contract_is_planned_within_the_deadline_of_a_statement(
    backend: Backend, database: Database, before: int, objects: int, properties: int
) -> None:
    if before:
        # As far as Postgres knows, a schema object has one property, a field of the same other.
        await import_contract(backend, "before", before, 1)
        async with backend.connection() as owner:
            await owner.execute(
                "UPDATE data_contract_schema_properties SET parent_property_id = 'before1-1'"
            )
            await owner.execute("ANALYZE")
    await import_contract(backend, "c", objects, properties)
    names = ["s1", "s2"][:objects]
    run_id = await backend.request("c", names)
    options = database_options(backend.worker, statement_timeout=STATEMENT)
    async with Database.open(options, password_of(backend.worker)) as quick:
        with anyio.fail_after(20):
            await attempts(Scripted(s1=[profiled], s2=[profiled])).work(await taken(quick))
    assert (await row(backend, run_id))["status"] == "completed"


async def test_properties_are_looked_up_whatever_the_statistics_say(backend: Backend) -> None:
    await import_contract(backend, "one", 1, 20_000)
    async with backend.connection() as owner:
        # As far as Postgres knows, all properties are of one schema object.
        await owner.execute("ANALYZE data_contract_schema_properties")
    await import_contract(backend, "many", 200, 20)
    query = load_sql("worker.backend.contracts", "properties").completed("public")
    ids = [f"many{number}" for number in range(1, 201)]
    connection = await connect(database_options(backend.worker), password_of(backend.worker))
    try:
        limits = (100, 10_000, 100_000, 1_000_000, 100)
        plan_ = await explain(connection, query, (ids, *limits), PlanMode.GENERIC)
    finally:
        await connection.close()
    assert "data_contract_schema_properties" not in plan_.read_whole
    assert plan_.rows_read["data_contract_schema_properties"] <= 2 * 200 * 20


async def test_a_schema_of_too_many_properties_fails_alone(
    backend: Backend, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await import_contract(backend, "c", 2, 3)
    for module in (schema, load):
        monkeypatch.setattr(module, "MAX_PROPERTIES", 3)
    run_id = await backend.request("c", ["s1", "s2"])
    async with backend.connection() as owner:
        await insert(
            owner, "data_contract_schema_properties", id="more", object_id="c1", name="more"
        )
    await attempts(Scripted(s1=[profiled], s2=[profiled])).work(await taken(database))
    run = await row(backend, run_id)
    assert run["status"] == "failed"
    assert run["error_message"].startswith(
        "Failed to profile 1 of 2 schemas: s1: the schema has more than 25,000 properties"
    )


@pytest.mark.parametrize("limit", ["MAX_CHARACTERS", "MAX_TEXT"])
async def test_a_schema_of_too_long_texts_is_not_read(
    backend: Backend, database: Database, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    await import_contract(backend, "c", 2, 3)
    async with backend.connection() as owner:
        await insert(
            owner, "data_contract_schema_properties", id="x", object_id="c1", name="x" * 40
        )
    for module in (schema, load):
        monkeypatch.setattr(module, limit, 39)
    found = await load_schema_objects(database, "c", ["s1", "s2"])
    assert [one.unread for one in found] == [Unread.TOO_LARGE, None]


async def test_schemas_beyond_what_is_read_for_a_run_fail_alone(
    backend: Backend, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await import_contract(backend, "c", 4, 3)
    for module in (schema, load):
        monkeypatch.setattr(module, "MAX_PROPERTIES_OF_RUN", 6)
    found = await load_schema_objects(database, "c", ["s1", "s2", "s3", "s4"])
    assert [one.unread for one in found] == [None, None, Unread.TOO_MANY, Unread.TOO_MANY]
    tables = plan.plan(["s1", "s3"], "c", found)
    assert [table.problem for table in tables] == [
        None,
        "the schemas of the request have more than 200,000 properties: ask for this one in another "
        "request",
    ]


async def test_one_unknown_name_reads_the_names_that_there_are(
    backend: Backend, database: Database
) -> None:
    await import_contract(backend, "c", 30, 1)
    run_id = await backend.request("c", ["s1", "s_7"])
    await attempts(Scripted(s1=[profiled])).work(await taken(database))
    message = (await row(backend, run_id))["error_message"]
    assert "s_7: the contract has no schema 's_7'; it has s7," in message
    assert message.endswith(" and 10 more")
