"""A migration takes the time it needs, holds up no worker, and is applied whole or not at all."""

import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from structlog.testing import capture_logs

from deploy.sandbox.backend import Backend
from deploy.sandbox.worker_process import worker_environment
from tests.support.forked_commands import ForkedProcess
from tests.support.options import database_options, password_of
from tests.support.waiting import until
from worker.database import migrate as module
from worker.database.errors import SchemaVersionError
from worker.database.migrate import Migration, known_migrations, migrate
from worker.database.options import DatabaseOptions
from worker.database.pool import open_connection

pytestmark = pytest.mark.anyio

ALL = known_migrations()
NAMES = [one.name for one in ALL]
OLD_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('dqx-worker migrate dqx_worker', 0))"
RECORD = "INSERT INTO dqx_worker.migrations (number, kind, name) VALUES ($1, $2, $3)"
WAITING = "migration.waiting"


@pytest.fixture
def hurried(backend: Backend) -> DatabaseOptions:
    """Options with deadlines that no migration of these tests keeps."""
    return database_options(
        backend.worker,
        command_timeout=timedelta(milliseconds=250),
        statement_timeout=timedelta(milliseconds=50),
        lock_timeout=timedelta(milliseconds=50),
    )


@pytest.fixture
async def first_applied(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """A database with the first migration alone."""
    with monkeypatch.context() as patched:
        patched.setattr(module, "known_migrations", lambda: ALL[:1])
        await migrate(database_options(backend.worker), password_of(backend.worker))
    return backend


@asynccontextmanager
async def reading(backend: Backend, table: str) -> AsyncIterator[None]:
    """Keep a transaction open that has read a table, as a dump does."""
    connection = await backend.worker.connect()
    try:
        async with connection.transaction():
            await connection.execute(f"SELECT FROM dqx_worker.{table}")
            yield
    finally:
        await connection.close()


async def applied(backend: Backend) -> list[str]:
    connection = await backend.worker.connect()
    try:
        rows = await connection.fetch("SELECT name FROM dqx_worker.migrations ORDER BY number")
    finally:
        await connection.close()
    return [row["name"] for row in rows]


async def until_waiting(logs: Sequence[Mapping[str, Any]]) -> None:
    async def waits() -> bool:
        return any(one["event"] == WAITING for one in logs)

    await until(waits, "the migration waits for a lock", seconds=10)


async def test_a_migration_is_cut_off_by_no_deadline(
    backend: Backend, hurried: DatabaseOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Migration(9000, "pre", "9000_pre_slow.sql", "SELECT pg_sleep(0.6)")
    monkeypatch.setattr(module, "known_migrations", lambda: [*ALL, slow])
    assert await migrate(hurried, password_of(backend.worker)) == [*NAMES, slow.name]


@pytest.mark.parametrize("ends", ["COMMIT", "ROLLBACK"])
async def test_another_migration_is_waited_for_past_every_deadline(
    first_applied: Backend, hurried: DatabaseOptions, ends: str
) -> None:
    other = await first_applied.worker.connect()
    second = ALL[1]
    names: list[str] = []

    async def migrating() -> None:
        names.extend(await migrate(hurried, password_of(first_applied.worker)))

    with capture_logs() as logs:
        async with anyio.create_task_group() as tasks:
            await other.execute("BEGIN; SET search_path = dqx_worker")
            await other.execute(RECORD, second.number, second.kind, second.name)
            await other.execute(second.sql)
            tasks.start_soon(migrating)
            await until_waiting(logs)
            # Longer than the client's deadline.
            await other.execute("SELECT pg_sleep(0.4)")
            await other.execute(ends)
    await other.close()
    assert names == (NAMES[2:] if ends == "COMMIT" else NAMES[1:])
    assert await applied(first_applied) == NAMES


async def test_a_migration_of_an_older_worker_is_waited_for_and_not_repeated(
    backend: Backend, hurried: DatabaseOptions
) -> None:
    """It applies all in one transaction, and records each after it."""
    older = await backend.worker.connect()
    names: list[str] = []

    async def migrating() -> None:
        names.extend(await migrate(hurried, password_of(backend.worker)))

    with capture_logs() as logs:
        async with anyio.create_task_group() as tasks:
            await older.execute(f"BEGIN; SET search_path = dqx_worker; {OLD_LOCK}")
            await older.execute(
                "CREATE TABLE migrations (number integer PRIMARY KEY, kind text NOT NULL,"
                " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            tasks.start_soon(migrating)
            await until_waiting(logs)
            for one in ALL[:6]:
                await older.execute(one.sql)
                await older.execute(RECORD, one.number, one.kind, one.name)
            await older.execute("INSERT INTO installation (backend_schema) VALUES ('public')")
            await older.execute("COMMIT")
    await older.close()
    assert names == NAMES[6:]
    assert await applied(backend) == NAMES


async def test_a_worker_never_queues_behind_a_migration_that_waits(
    first_applied: Backend,
) -> None:
    """A transaction that has read a table keeps ALTER TABLE waiting, which keeps all others."""
    options, password = database_options(first_applied.worker), password_of(first_applied.worker)
    names: list[str] = []

    async def migrating() -> None:
        names.extend(await migrate(options, password))

    with capture_logs() as logs:
        async with anyio.create_task_group() as tasks, reading(first_applied, "leases"):
            tasks.start_soon(migrating)
            await until_waiting(logs)
            async with open_connection(options, password) as worker:
                # Its lock_timeout is 500 ms; many tries of the migration fall into this time.
                began = anyio.current_time()
                while anyio.current_time() - began < 1:
                    await worker.execute("SELECT FROM leases")
                    await worker.execute("UPDATE leases SET attempt = attempt")
            assert names == []
    assert names == NAMES[1:]


async def test_an_interrupted_migration_leaves_whole_ones_and_the_next_continues(
    first_applied: Backend,
) -> None:
    options, password = database_options(first_applied.worker), password_of(first_applied.worker)
    with capture_logs() as logs:
        async with reading(first_applied, "attempts"), anyio.create_task_group() as tasks:
            tasks.start_soon(migrate, options, password)
            await until_waiting(logs)
            tasks.cancel_scope.cancel()
    # The third alters `attempts`.
    assert await applied(first_applied) == NAMES[:2]
    assert await migrate(options, password) == NAMES[2:]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_a_signal_leaves_whole_migrations(
    first_applied: Backend, tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "migrate.log"
    log.touch()
    environment = worker_environment(first_applied.worker, tmp_path)
    async with reading(first_applied, "attempts"):
        process = ForkedProcess(["migrate"], environment, stdout=log)

        async def waits() -> bool:
            return WAITING in log.read_text()

        await until(waits, "the migration waits for a lock")
        process.send_signal(number)
        assert await process.ended() != 0
    assert await applied(first_applied) == NAMES[:2]
    names = await migrate(database_options(first_applied.worker), password_of(first_applied.worker))
    assert names == NAMES[2:]


async def test_no_migration_is_applied_to_the_schema_of_another_backend(
    first_applied: Backend,
) -> None:
    options = database_options(first_applied.worker, backend_schema="elsewhere")
    with pytest.raises(SchemaVersionError, match="serves the backend schema public"):
        await migrate(options, password_of(first_applied.worker))
    assert await applied(first_applied) == NAMES[:1]
