"""Every operation has a deadline, and every failure a type to decide on."""

from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from deploy.sandbox.postgres import Postgres
from tests.support.options import database_options, password_of
from tests.support.proxy import Proxy, Traffic
from tests.support.waiting import until
from worker.database import pool as pool_module
from worker.database.errors import (
    DatabaseConflict,
    DatabaseError,
    DatabaseRefused,
    DatabaseUnavailable,
)
from worker.database.pool import Connection, Database, open_connection

pytestmark = pytest.mark.anyio


async def test_the_workers_own_schema_alone_is_on_the_path(
    backend: Backend, database: Database
) -> None:
    options, password = database_options(backend.worker), password_of(backend.worker)
    async with (
        database.connection() as pooled,
        database.dedicated(options.command_timeout) as dedicated,
        open_connection(options, password) as opened,
    ):
        for connection in (pooled, dedicated, opened):
            assert await connection.fetchval("SHOW search_path") == '"dqx_worker"'


async def test_a_session_has_the_deadlines_of_its_options(database: Database) -> None:
    async with database.connection() as connection:
        settings = {
            name: await connection.fetchval(f"SHOW {name}")
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "plan_cache_mode",
            )
        }
    assert list(settings.values()) == ["5s", "500ms", "5s", "force_generic_plan"]


async def test_a_dedicated_connection_has_deadlines_of_its_own(
    backend: Backend, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "_SHORTEST_CONNECT_TIMEOUT", timedelta(milliseconds=100))
    deadline = timedelta(milliseconds=200)
    async with Proxy.running(backend.worker.port) as proxy:
        database.options = replace(database.options, port=proxy.port)
        with anyio.fail_after(4):
            async with database.dedicated(deadline) as connection:
                assert await connection.fetchval("SHOW statement_timeout") == "200ms"
                proxy.treat(Traffic.DROP)
                with pytest.raises(TimeoutError):
                    await connection.fetchval("SELECT 1")
            with pytest.raises(DatabaseUnavailable):
                await database.dedicated(deadline).__aenter__()


async def test_the_first_failure_and_the_end_of_the_last_are_logged(database: Database) -> None:
    away = DatabaseUnavailable("away")
    with capture_logs() as logged:
        for user, error in (("a", away), ("b", away), ("a", None), ("b", away), ("b", None)):
            database.report(user, error)
    assert [line["event"] for line in logged] == ["database.unavailable", "database.available"]


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


async def test_a_server_that_lets_nobody_in_for_now_is_unavailable(
    backend: Backend, server: Postgres
) -> None:
    admin = await server.admin.connect()
    try:
        await admin.execute(f'ALTER DATABASE "{backend.worker.database}" ALLOW_CONNECTIONS false')
    finally:
        await admin.close()
    with pytest.raises(DatabaseUnavailable):
        async with Database.open(database_options(backend.worker), password_of(backend.worker)):
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
            await transaction.execute(
                "UPDATE public.data_profiling_runs SET status = 'y' WHERE id = 'r'"
            )
            return "done"

        assert await database.run(work) == "done"
    assert tries == 2


async def test_a_conflict_is_distinguished_from_a_defect(database: Database) -> None:
    with pytest.raises(DatabaseError) as caught:
        async with database.connection() as connection:
            await connection.execute("SELECT no_such_column FROM leases")
    assert not isinstance(caught.value, DatabaseConflict | DatabaseUnavailable | DatabaseRefused)


async def test_a_cancellation_waits_for_the_commit(database: Database) -> None:
    committed = False
    with anyio.CancelScope() as scope:
        async with database.transaction() as transaction:
            await transaction.execute("INSERT INTO workers VALUES ('w', '1', 'local', 1)")
            scope.cancel()
        # In the middle of it nobody would know.
        committed = True
    assert committed
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM workers") == 1


async def test_what_is_not_answered_at_the_ends_of_a_transaction_counts_as_not_done(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "_BOUNDARY_TIMEOUT", 0.1)
    async with Proxy.running(backend.worker.port) as proxy:
        options = database_options(replace(backend.worker, port=proxy.port), pool_size=1)
        async with Database.open(options, password_of(backend.worker)) as database:

            async def slow_down(transaction: Connection) -> None:
                await transaction.execute("SELECT 1")
                proxy.treat(Traffic.DELAY, delay=0.25)

            with pytest.raises(DatabaseUnavailable, match="COMMIT was not answered"):
                await database.run(slow_down)
            proxy.treat(Traffic.FLOW)
            await _session(database)
            proxy.treat(Traffic.DELAY, delay=0.25)
            with pytest.raises(DatabaseUnavailable, match="BEGIN was not answered"):
                await database.run(_session_of)
            proxy.treat(Traffic.FLOW)


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


async def _session(database: Database) -> tuple[int, bool]:
    """Return which session of Postgres the pool lends, and whether a transaction is open in it."""
    async with database.connection() as connection:
        return await _session_of(connection)


async def _session_of(connection: Connection) -> tuple[int, bool]:
    row = await connection.fetchrow(
        "SELECT pg_backend_pid() AS pid, xact_start < query_start AS open"
        " FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    )
    assert row is not None
    return row["pid"], row["open"]
