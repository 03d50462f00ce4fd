"""Postgres errors are reported by their names: no message or traceback has a value of a row."""

import traceback

import asyncpg
import pytest

from deploy.sandbox.backend import Backend
from worker.database.error_conditions import condition
from worker.database.errors import DatabaseError, RowVanished
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

VALUE = "a-value-of-a-row"
# No errors, or not known to every version of Postgres.
NOT_RAISED = ("00", "01", "02", "72")
# Of Postgres 16, 17 and 18.
NEWER = {"10608", "25P04", "58P03"}

TABLES = """
CREATE TABLE odd (
    id text PRIMARY KEY, amount integer NOT NULL, kind text CHECK (kind <> 'a-value-of-a-row')
);
CREATE TABLE refers (id text REFERENCES odd (id));
INSERT INTO odd VALUES ('a-value-of-a-row', 1, 'a');
CREATE TABLE watched (id text);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.id = 'as a syntax error' THEN
        RAISE 'a row of a-value-of-a-row' USING ERRCODE = '42601';
    ELSIF new.id = 'by a statement' THEN
        EXECUTE 'SELECT a-value-of-a-row';
    ELSIF new.id = 'by a code of its own' THEN
        RAISE 'a row of a-value-of-a-row' USING ERRCODE = 'ZZ123', TABLE = 'watched';
    END IF;
    RAISE 'a row of a-value-of-a-row' USING HINT = 'a-value-of-a-row', DETAIL = 'a-value-of-a-row';
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION refuse();
"""

REFUSED = [
    (
        "INSERT INTO odd VALUES ($1, NULL, 'b')",
        VALUE,
        "not_null_violation (table dqx_worker.odd, column amount)",
    ),
    (
        "INSERT INTO odd VALUES ($1, 2, 'b')",
        VALUE,
        "unique_violation (table dqx_worker.odd, constraint odd_pkey)",
    ),
    (
        "INSERT INTO odd VALUES ('x', 2, $1)",
        VALUE,
        "check_violation (table dqx_worker.odd, constraint odd_kind_check)",
    ),
    ("INSERT INTO odd SELECT 'x', $1::text::integer, 'b'", VALUE, "invalid_text_representation"),
    ("INSERT INTO odd SELECT $1::text, 99999999999, 'b'", VALUE, "numeric_value_out_of_range"),
    ("SELECT $1::text::timestamptz", VALUE, "invalid_datetime_format"),
    ("SELECT $1::integer", VALUE, "data_exception: invalid input for query argument $1"),
    ("INSERT INTO watched VALUES ($1)", "x", "raise_exception"),
    ("INSERT INTO watched VALUES ($1)", "as a syntax error", "syntax_error"),
    ("INSERT INTO watched VALUES ($1)", "by a statement", "undefined_column"),
    (
        "INSERT INTO watched VALUES ($1)",
        "by a code of its own",
        "SQLSTATE ZZ123 (table watched)",
    ),
    (
        "SELECT no_such FROM odd WHERE id = $1",
        VALUE,
        'undefined_column: column "no_such" does not exist',
    ),
    (
        "SELECT FROM no_such WHERE id = $1",
        VALUE,
        'undefined_table: relation "no_such" does not exist',
    ),
]


@pytest.fixture
async def odd_tables(database: Database) -> Database:
    async with database.connection() as connection:
        await connection.execute(TABLES)
    return database


async def test_the_message_names_the_condition_the_table_and_the_column(
    odd_tables: Database,
) -> None:
    for statement, value, expected in REFUSED:
        with pytest.raises(DatabaseError) as caught:
            async with odd_tables.connection() as connection:
                await connection.execute(statement, value)
        assert str(caught.value) == f"A statement failed: Postgres reports {expected}"
        assert VALUE not in "".join(traceback.format_exception(caught.value)), statement


async def test_a_row_that_is_not_there_is_named_by_its_constraint(odd_tables: Database) -> None:
    with pytest.raises(RowVanished) as caught:
        async with odd_tables.transaction() as transaction:
            await transaction.execute("INSERT INTO refers VALUES ($1)", f"another {VALUE}")
    assert str(caught.value) == (
        "A transaction failed: Postgres reports foreign_key_violation "
        "(table dqx_worker.refers, constraint refers_id_fkey)"
    )
    assert VALUE not in "".join(traceback.format_exception(caught.value))


async def test_every_name_is_postgres_own(backend: Backend) -> None:
    """PL/pgSQL raises a condition by its name, and refuses a name that is none."""
    kinds = {
        kind.sqlstate: kind
        for kind in vars(asyncpg.exceptions).values()
        if isinstance(kind, type)
        and issubclass(kind, asyncpg.PostgresError)
        and (kind.sqlstate or "00")[:2] not in NOT_RAISED
        and "sqlstate" in vars(kind)
    }
    assert len(kinds) > 200
    async with backend.connection() as owner:
        if owner.get_server_version().major < 18:
            kinds = {code: kind for code, kind in kinds.items() if code not in NEWER}
        for code, kind in kinds.items():
            name = condition(kind(""))
            with pytest.raises(asyncpg.PostgresError) as caught:
                await owner.execute(f"DO $$ BEGIN RAISE {name}; END $$")
            assert condition(caught.value) == name, code
