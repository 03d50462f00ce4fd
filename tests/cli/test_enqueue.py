"""`dqx-worker enqueue`, as a role with rights on the backend's requests and no others."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

import anyio
import anyio.to_thread
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.database_login import Login
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_command, worker_environment
from tests.support.command import command
from tests.support.contracts import contract
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

REQUESTER = "requester"
MESSAGE = "orders: a bell \x07 and\na line, [/x]"
END = (
    "UPDATE data_profiling_runs SET status = $1, error_message = $2, completed_at = now()"
    " WHERE status = 'pending'"
)


@pytest.fixture
async def requester(server: Postgres, backend: Backend, database: Database) -> Login:
    """A role that may insert and read requests of a migrated database, and nothing else."""
    await backend.add_contract(contract("c", orders="main.shop.orders"))
    login = replace(backend.owner, user=REQUESTER)
    admin = await server.admin.connect()
    try:
        if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", REQUESTER):
            await admin.execute(f"CREATE ROLE {REQUESTER} LOGIN PASSWORD '{login.password}'")
    finally:
        await admin.close()
    async with backend.connection() as owner:
        await owner.execute(
            f"GRANT CONNECT ON DATABASE {login.database} TO {REQUESTER};"
            f"GRANT USAGE ON SCHEMA public TO {REQUESTER};"
            f"GRANT SELECT, INSERT ON data_profiling_runs TO {REQUESTER}"
        )
    return login


@contextmanager
def waiting(login: Login, folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Enqueue a request and wait for its end, in a process of its own."""
    process = subprocess.Popen(
        worker_command("enqueue", "--contract", "c", "--schema", "orders", "--wait", *more),
        env=worker_environment(login, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def line_of(stream: IO[str] | None) -> str:
    """Return the next line, which has to come while the process still runs."""
    assert stream is not None
    with anyio.fail_after(20):
        line = await anyio.to_thread.run_sync(stream.readline, abandon_on_cancel=True)
    return line.rstrip("\n")


async def rest(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = await anyio.to_thread.run_sync(lambda: process.communicate(timeout=30))
    return process.returncode, out, err


async def test_the_id_comes_first_and_the_end_is_read_from_the_backends_row_alone(
    requester: Login, backend: Backend, tmp_path: Path
) -> None:
    with waiting(requester, tmp_path) as process:
        run_id = await line_of(process.stdout)
        assert process.poll() is None
        async with backend.connection() as owner:
            assert await owner.fetchval("SELECT id FROM data_profiling_runs") == run_id
            await owner.execute(END, "failed", MESSAGE)
        code, out, err = await rest(process)
    assert (code, err) == (ExitCode.RUN_FAILED, "")
    ended, message = out.splitlines()
    assert ended.startswith(f"{run_id} failed after ")
    assert "suggestions" not in ended
    assert message == r"orders: a bell \x07 and\na line, [/x]"


async def test_for_programs_each_is_a_line_of_json(
    requester: Login, backend: Backend, tmp_path: Path
) -> None:
    with waiting(requester, tmp_path, "--json") as process:
        first = json.loads(await line_of(process.stdout))
        async with backend.connection() as owner:
            await owner.execute(END, "failed", MESSAGE)
        code, out, _ = await rest(process)
    (line,) = out.splitlines()
    end = json.loads(line)
    assert code == ExitCode.RUN_FAILED
    assert (first, end["id"]) == ({"run": end["id"]}, end["id"])
    assert (end["status"], end["error_message"]) == ("failed", MESSAGE)
    assert (end["suggestions"], end["attempt"]) == (None, None)


async def test_what_else_the_role_may_read_is_reported_too(
    requester: Login, backend: Backend, database: Database, tmp_path: Path
) -> None:
    async with backend.connection() as owner, database.connection() as worker:
        await owner.execute(f"GRANT SELECT ON suggested_quality_checks TO {REQUESTER}")
        await owner.execute(f"GRANT USAGE ON SCHEMA dqx_worker TO {REQUESTER}")
        await worker.execute(f"GRANT SELECT ON run_status TO {REQUESTER}")
        with waiting(requester, tmp_path, "--json") as process:
            run_id = json.loads(await line_of(process.stdout))["run"]
            await worker.execute(
                "INSERT INTO attempts (run_id, number, worker) VALUES ($1, 1, 'w')", run_id
            )
            await owner.execute(END, "completed", None)
            code, out, _ = await rest(process)
    end = json.loads(out)
    assert code == ExitCode.SUCCESS
    assert (end["attempt"], end["worker"], end["suggestions"]) == (1, "w", 0)


async def test_a_run_that_is_deleted_meanwhile_is_reported(
    requester: Login, backend: Backend, tmp_path: Path
) -> None:
    with waiting(requester, tmp_path) as process:
        run_id = await line_of(process.stdout)
        async with backend.connection() as owner:
            await owner.execute("DELETE FROM data_profiling_runs")
        code, out, err = await rest(process)
    assert (code, out) == (ExitCode.RUN_CANCELLED, "")
    assert err == f"dqx-worker: Run {run_id} was deleted before it ended\n"


async def test_an_outage_is_waited_for(
    requester: Login, backend: Backend, server: Postgres, tmp_path: Path
) -> None:
    name = requester.database
    admin = await server.admin.connect()
    try:
        with waiting(requester, tmp_path) as process:
            await line_of(process.stdout)
            async with backend.connection() as owner:
                await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")

                async def cut_off() -> bool:
                    return bool(
                        await admin.fetchval(
                            "SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity"
                            " WHERE datname = $1 AND usename = $2",
                            name,
                            REQUESTER,
                        )
                    )

                await until(cut_off, "its connection is cut", seconds=10)
                logged = json.loads(await line_of(process.stderr))
                assert logged["event"] == "database.unavailable"
                await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
                await owner.execute(END, "completed", None)
            code, out, _ = await rest(process)
    finally:
        await admin.close()
    assert code == ExitCode.SUCCESS
    assert " completed after " in out


async def test_without_the_right_to_read_the_id_is_known_all_the_same(
    requester: Login, backend: Backend, tmp_path: Path
) -> None:
    async with backend.connection() as owner:
        await owner.execute(f"REVOKE SELECT ON data_profiling_runs FROM {REQUESTER}")
        with waiting(requester, tmp_path) as process:
            run_id = await line_of(process.stdout)
            code, _, err = await rest(process)
        assert await owner.fetchval("SELECT id FROM data_profiling_runs") == run_id
    assert code == ExitCode.DATABASE
    assert "permission denied for table data_profiling_runs" in err


async def test_the_workers_role_is_sent_to_the_backends(
    backend: Backend, database: Database, tmp_path: Path
) -> None:
    await backend.add_contract(contract("c", orders="main.shop.orders"))
    async with backend.connection() as owner:
        await owner.execute(f"REVOKE INSERT ON data_profiling_runs FROM {backend.worker.user}")
    done = await command(
        worker_environment(backend.worker, tmp_path),
        *("enqueue", "--contract", "c", "--schema", "orders"),
    )
    assert done.returncode == ExitCode.DATABASE
    assert done.stderr == (
        f"dqx-worker: The role {backend.worker.user} may not insert into data_profiling_runs. "
        "Use the backend's role\n"
    )
