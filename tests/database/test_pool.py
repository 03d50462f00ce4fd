"""Every operation has a deadline, and every failure a type to decide on."""

from dataclasses import replace
from datetime import timedelta

import anyio
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.rows import insert
from tests.support.options import database_options, password_of
from tests.support.waiting import until
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseRefused,
    DatabaseUnavailable,
)
from worker.database.pool import Connection, Database

pytestmark = pytest.mark.anyio


async def test_both_schemas_are_on_the_path_the_workers_own_first(database: Database) -> None:
    async with database.connection() as connection:
        path = await connection.fetchval("SHOW search_path")
    assert path == '"dqx_worker", "public"'


async def test_the_server_ends_a_statement_at_its_timeout(backend: Backend) -> None:
    options = database_options(backend.worker, statement_timeout=timedelta(milliseconds=100))
    async with Database.open(options, password_of(backend.worker)) as database:
        with pytest.raises(DatabaseUnavailable, match="statement timeout"):
            await database.run(lambda transaction: transaction.execute("SELECT pg_sleep(30)"))


async def test_a_full_pool_is_waited_for_until_the_deadline(backend: Backend) -> None:
    options = database_options(
        backend.worker, pool_size=1, connect_timeout=timedelta(milliseconds=300)
    )
    async with (
        Database.open(options, password_of(backend.worker)) as database,
        database.connection(),
    ):
        with pytest.raises(DatabaseUnavailable, match=r"within 0\.3 s"):
            async with database.connection():
                pass


async def test_a_wrong_password_is_refused_and_not_shown(backend: Backend) -> None:
    login = replace(backend.worker, password="wrong-s3cret")
    with pytest.raises(DatabaseRefused, match="password authentication failed") as caught:
        async with Database.open(database_options(login), password_of(login)):
            pass
    assert "wrong-s3cret" not in str(caught.value)
    assert "wrong-s3cret" not in repr(password_of(login))


async def test_a_server_that_is_not_there_is_unavailable(backend: Backend) -> None:
    login = replace(backend.worker, port=1)
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1:1"):
        async with Database.open(database_options(login), password_of(login)):
            pass


async def test_a_transaction_that_gave_way_is_run_again(
    database: Database, backend: Backend
) -> None:
    tries = 0
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="c")
        await insert(owner, "data_profiling_runs", id="r", contract_id="c")
        blocking = owner.transaction()
        await blocking.start()
        await owner.execute("UPDATE data_profiling_runs SET status = 'x' WHERE id = 'r'")

        async def work(transaction: Connection) -> str:
            nonlocal tries
            tries += 1
            if tries == 2:
                await blocking.rollback()
            await transaction.execute("UPDATE data_profiling_runs SET status = 'y' WHERE id = 'r'")
            return "done"

        assert await database.run(work) == "done"
    assert tries == 2


async def test_a_conflict_is_told_from_a_defect(database: Database) -> None:
    with pytest.raises(DatabaseError) as caught:
        async with database.connection() as connection:
            await connection.execute("SELECT no_such_column FROM leases")
    assert not isinstance(caught.value, DatabaseConflict | DatabaseUnavailable | DatabaseRefused)


async def test_cancellation_leaves_no_transaction_open(database: Database) -> None:
    entered = anyio.Event()

    async def write() -> None:
        async with database.transaction() as transaction:
            await transaction.execute("INSERT INTO workers VALUES ('w', '1', 'local', 1)")
            entered.set()
            await transaction.execute("SELECT pg_sleep(30)")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write)
        await entered.wait()
        tasks.cancel_scope.cancel()
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM workers") == 0

        async def none_open() -> bool:
            open_ones = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' "
                "AND datname = current_database()"
            )
            return bool(open_ones == 0)

        await until(none_open, "no transaction is open", seconds=3)
