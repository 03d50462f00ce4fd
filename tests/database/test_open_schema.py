"""No statement takes its operators, functions or types from the backend's schema: others make some.

Postgres itself lists what a statement refers to: it records that for the body of a function.
"""

import re
from pathlib import Path

import asyncpg
import pytest

import worker
from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from tests.support.hostile_role import leave_baits, taken_by
from tests.support.options import database_options, password_of
from worker.database.migrate import migrate
from worker.database.open_connection import connect
from worker.database.sql import Sql

pytestmark = pytest.mark.anyio

ROOMS = Path(worker.__file__).parent
FILES = {
    str(file.relative_to(ROOMS)): Sql(file.read_text("utf-8"))
    for file in sorted(ROOMS.rglob("sql/*.sql"))
}
TABLES = {
    "data_contracts",
    "data_contract_schema_objects",
    "data_contract_schema_properties",
    "data_contract_quality_checks",
    "data_profiling_runs",
    "suggested_quality_checks",
}
DEFINITION = "database/sql/create_migrations.sql"
PARAMETERS = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'tried'"
REFERS_TO = """
SELECT DISTINCT seen.type, seen.identity
FROM pg_depend d, pg_identify_object(d.refclassid, d.refobjid, 0) AS seen
WHERE d.classid = 'pg_proc'::regclass AND seen.schema = $1
  AND d.objid = (SELECT oid FROM pg_proc WHERE proname = 'tried')
"""
OWN_REFER_TO = """
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS own, seen.identity
FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) AS own,
     pg_identify_object(d.refclassid, d.refobjid, 0) AS seen
WHERE own.schema = 'dqx_worker' AND seen.schema = 'public'
"""


async def referred_to(
    connection: asyncpg.Connection, schema: str, sql: Sql
) -> set[tuple[str, str]]:
    """Return what of `schema` a statement refers to: kinds and names."""
    text = sql.completed(schema)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f"PREPARE tried AS {text}")
        parameters = ", ".join(await connection.fetchval(PARAMETERS))
        await connection.execute("DEALLOCATE tried")
        await connection.execute(
            f"CREATE FUNCTION tried({parameters}) RETURNS void BEGIN ATOMIC {text}; END"
        )
        rows = await connection.fetch(REFERS_TO, schema)
    finally:
        await transaction.rollback()
    return {(row["type"], row["identity"].split(".")[-1]) for row in rows}


def strange(found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return what is none of the backend's tables and of the types of their rows."""
    return {one for one in found if one[0] not in ("table", "type") or one[1] not in TABLES}


async def test_a_role_that_may_create_in_the_backends_schema_gets_no_right_of_the_workers(
    server: Postgres, backend: Backend
) -> None:
    await leave_baits(server, backend.worker.database)
    options = database_options(backend.worker)
    await migrate(options, password_of(backend.worker))
    connection = await connect(options, password_of(backend.worker))
    try:
        taken = {
            file: strange(await referred_to(connection, "public", sql))
            for file, sql in FILES.items()
            if file != DEFINITION
        }
        assert {file: found for file, found in taken.items() if found} == {}
        assert await connection.fetch(OWN_REFER_TO) == []
        assert await taken_by(backend.worker) == set()

        # They are tempting: with the backend's schema in the search_path most statements take some.
        await connection.execute("SET search_path = dqx_worker, public")
        tempted = [
            file
            for file, sql in FILES.items()
            if file != DEFINITION and strange(await referred_to(connection, "public", sql))
        ]
    finally:
        await connection.close()
    assert len(tempted) > len(FILES) / 3
    assert {"queue/sql/claim.sql", "backend/suggestions/sql/insert.sql"} <= set(tempted)


@pytest.mark.parametrize("schema", ["my schema", 'a"b', "Ärger; --", "$user"])
async def test_every_statement_finds_the_backends_tables_whatever_its_schema_is_called(
    backend: Backend, schema: str
) -> None:
    quoted = '"' + schema.replace('"', '""') + '"'
    async with backend.connection() as owner:
        await owner.execute(f"CREATE SCHEMA {quoted}; GRANT USAGE ON SCHEMA {quoted} TO dqx_worker")
        for table in TABLES:
            await owner.execute(f"ALTER TABLE public.{table} SET SCHEMA {quoted}")
    options = database_options(backend.worker, backend_schema=schema)
    await migrate(options, password_of(backend.worker))
    connection = await connect(options, password_of(backend.worker))
    try:
        for sql in FILES.values():
            await connection.prepare(sql.completed(schema))
    finally:
        await connection.close()


def test_the_backends_schema_is_the_only_thing_that_is_put_into_a_query() -> None:
    for file, sql in FILES.items():
        code = re.sub(r"--.*", "", sql.text)
        # A colon that begins no cast, and a name in braces.
        assert re.findall(r"(?<!:):(?!:)(?!\"backend\"\.[a-z])|\{\w", code) == [], file


def test_no_lock_is_one_that_any_role_can_hold() -> None:
    everything = [file.read_text("utf-8") for file in ROOMS.rglob("*.sql")]
    everything += [file.read_text("utf-8") for file in ROOMS.rglob("*.py")]
    assert [text for text in everything if re.search(r"pg_(try_)?advisory", text)] == []
