"""A database that is set up wrongly: the doctor's hint leads to what cures it."""

import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import anyio
import pytest

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from tests.cli.doctor_database_cases import ALL_CASES, PASSWORD, RUNS, SUGGESTIONS
from tests.support.command import migrate
from tests.support.contracts import contract, write_parquet
from tests.support.doctor import Case, Report, check, examine_all, examined
from tests.support.long_form import some
from tests.support.poolers import Pooler
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

CASES = some(
    ALL_CASES,
    3,
    "a backend's schema that every role may create in",
    "an own schema that another role may create in",
)


@contextmanager
def listening(answer: Callable[[socket.socket], None] | None = None) -> Iterator[int]:
    """Take connections and answer each, or never; give the port."""

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                if answer:
                    answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        if answer:
            threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def web_page(connection: socket.socket) -> None:
    connection.recv(100)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.fixture(scope="module")
async def patient(server: Postgres, tables_folder: Path) -> Backend:
    """A database with both sides' tables, a contract and a run that has ended."""
    backend = await create_backend(server, "patient")
    await migrate(worker_environment(backend.worker, tables_folder))
    path = write_parquet(tables_folder / "one.parquet", id=[1, 2, 3])
    await backend.add_contract(contract("one", one=path))
    await backend.request("one", ["one"])
    async with backend.connection() as owner:
        await owner.execute(f"UPDATE {RUNS} SET status = 'completed', completed_at = now()")
    return backend


@pytest.fixture(scope="module")
async def reports(
    server: Postgres, patient: Backend, tables_folder: Path
) -> AsyncIterator[dict[str, Report]]:
    numbers = count(1)
    copying = anyio.Lock()
    with ExitStack() as stack:
        places = {
            "silent": stack.enter_context(listening()),
            "web": stack.enter_context(listening(web_page)),
            "dropping": stack.enter_context(
                Pooler.running(server.port, passes=("user", "database"))
            ),
            "forgetful": stack.enter_context(
                Pooler.running(server.port, passes=("user", "database", "search_path"))
            ),
            "refusing": stack.enter_context(Pooler.running(server.port, passes=None)),
        }

        @asynccontextmanager
        async def prepare(case: Case) -> AsyncIterator[Mapping[str, str]]:
            login = patient.worker
            if case.sql:
                login = replace(login, database=f"patient{next(numbers)}")
                async with copying:
                    await copy(server, login.database, case.sql)
            changes = {name: value.format(**places) for name, value in case.changes.items()}
            yield worker_environment(login, tables_folder) | changes

        yield await examine_all(CASES, prepare)


async def copy(server: Postgres, database: str, sql: str) -> None:
    """Copy the patient and do to the copy what the case is about."""
    for where, statement in (
        ("postgres", f"CREATE DATABASE {database} TEMPLATE patient OWNER backend"),
        # What CREATE DATABASE does not copy.
        (database, f"GRANT CONNECT ON DATABASE {database} TO dqx_worker"),
        (database, sql.replace("{database}", database)),
    ):
        admin = await replace(server.admin, database=where).connect()
        try:
            await admin.execute(statement)
        finally:
            await admin.close()


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_hint_leads_to_the_cure(
    case: Case, reports: dict[str, Report], patient: Backend
) -> None:
    secrets = [patient.worker.password, patient.owner.password, PASSWORD, "a-secret-in-a-url"]
    check(case, reports[case.name], [*secrets, "wrong-password-1234"])


async def test_the_connections_that_are_left_are_counted_in_workers(
    server: Postgres, patient: Backend, tables_folder: Path
) -> None:
    admin = await replace(server.admin, database="patient").connect()
    try:
        await admin.execute(
            f"CREATE ROLE counted LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 24"
            " IN ROLE dqx_worker"
        )
        most = await admin.fetchval("SELECT current_setting('max_connections')::int")
    finally:
        await admin.close()
    login = replace(patient.worker, user="counted", password=PASSWORD)
    environment = worker_environment(login, tables_folder)
    for pool_size, room in (("10", 2), ("5", 4)):
        report = await examined(environment | {"DQX_WORKER_POOL_SIZE": pool_size}, "--no-engine")
        connect = report.findings["connect"]
        assert connect["said"].endswith(f"connections left for workers: {room}")
        assert connect["detail"]["workers_left"] == room
        assert connect["detail"]["max_connections"] == most


async def test_nothing_that_is_written_remains_and_a_locked_run_is_left_alone(
    server: Postgres, patient: Backend, tables_folder: Path
) -> None:
    """What a worker may hold is passed over: the doctor waits for nobody."""
    tables = (RUNS, SUGGESTIONS, "dqx_worker.attempts", "dqx_worker.leases")
    counting = " UNION ALL ".join(
        f"SELECT md5(coalesce(string_agg(x::text || xmin::text, ',' ORDER BY x::text), ''))"
        f" FROM {table} x"
        for table in (*tables, "dqx_worker.table_progress")
    )
    environment = worker_environment(patient.worker, tables_folder)
    admin = await replace(server.admin, database="patient").connect()
    try:
        before = await admin.fetch(counting)
        report = await examined(environment, "--no-engine")
        assert report.code == ExitCode.SUCCESS
        assert report.findings["write"]["detail"]["run"] is not None
        assert await admin.fetch(counting) == before
        async with admin.transaction():
            await admin.execute(f"SELECT FROM {RUNS} FOR UPDATE")
            report = await examined(environment, "--no-engine")
        assert report.findings["write"]["detail"] == {"run": None}
        async with admin.transaction():
            await admin.execute(f"LOCK TABLE {SUGGESTIONS} IN ACCESS EXCLUSIVE MODE")
            report = await examined(environment, "--no-engine")
        assert (report.code, report.steps("failed")) == (ExitCode.DATABASE, ["write"])
        assert "pg_locks" in report.hints("write")
    finally:
        await admin.close()
