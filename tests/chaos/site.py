"""Where it all happens: a Postgres, a workspace, the ledger, and a login and proxy per worker."""

import secrets
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import resources
from pathlib import Path

import anyio
import anyio.to_thread
import asyncpg

from deploy.sandbox.backend import PRINCIPAL, WORKER, Backend
from deploy.sandbox.database_login import Login
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment, worker_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import Workspace
from deploy.sandbox.workspace.server import serving
from tests.support.command import migrate
from tests.support.databases import copy_backend
from tests.support.proxy import Proxy, free_port

__all__ = ["REAL_RUN", "Post", "Site", "make_ledger", "open_site"]

_DATABASE = "chaos"
_TOKEN_LIFE = timedelta(seconds=10)
# The SDK asks anew for an OAuth token that has less than 40 s to live.
_ASKED_EACH_TIME = timedelta(seconds=30)
_FAST = {
    "DQX_WORKER_POLL_INTERVAL": "100ms",
    "DQX_WORKER_GRACE": "6s",
    "DQX_WORKER_SLOTS": "6",
    "DQX_WORKER_RUNS_PER_CONTRACT": "6",
    "DQX_WORKER_TABLES_AT_ONCE": "12",
    "DQX_WORKER_BACK_OFF": "1s",
    # All workers are on one machine, where a port is one's alone.
    "DQX_WORKER_PROBES": "off",
    "DQX_WORKER_SPARK_MEMORY": "1g",
    "DQX_WORKER_SAMPLE_BYTES": "20MB",
    "DQX_WORKER_LOG_FORMAT": "json",
    "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1",
}

REAL_RUN = "real-"
"""How the id of a run begins whose tables are real."""
_HIDE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY all_but_real ON {table}
    USING ({column} NOT LIKE '{prefix}%' OR session_user <> ALL ('{{{logins}}}'::text[]));
"""
_HIDDEN = {
    "public.data_profiling_runs": "id",
    "dqx_worker.leases": "run_id",
    "dqx_worker.attempts": "run_id",
    "dqx_worker.table_progress": "run_id",
}


@dataclass(frozen=True, slots=True)
class Post:
    """A worker's place in the fleet: processes come and go, its login, proxy and log stay."""

    number: int
    login: str
    """The name by which Postgres knows the workers here."""
    proxy: Proxy
    environment: dict[str, str]
    log: Path
    arguments: tuple[str, ...]
    """The worker's, of `python -m tests.chaos.worker`."""


@dataclass(frozen=True, slots=True)
class Site:
    """The parts that faults act on."""

    server: Postgres
    backend: Backend
    admin: Login
    """The superuser, in the backend's database and past every proxy."""
    workspace: Workspace
    posts: tuple[Post, ...]
    tables: Path
    lease: float
    round_trip: float = 0.0

    def environment(self) -> dict[str, str]:
        """Return the environment of a command, which meets no proxy."""
        lease = f"{self.lease * 1000:.0f}ms"
        return worker_environment(self.backend.worker, self.tables, DQX_WORKER_LEASE=lease)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a connection that waits for nobody for long."""
        async with connected(self.admin) as connection:
            yield connection


@asynccontextmanager
async def _running(server: Postgres) -> AsyncIterator[None]:
    """Run the server while the block runs, whatever is done to it meanwhile."""
    await anyio.to_thread.run_sync(server.start)
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(server.stop, signal.SIGQUIT)


@asynccontextmanager
async def connected(login: Login) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection of which every statement, its opening and its end have a deadline."""
    connection = await asyncpg.connect(
        host=login.host,
        port=login.port,
        database=login.database,
        user=login.user,
        password=login.password,
        # asyncpg's request for TLS leaves an exception that nobody fetches where its timeout and
        # the end of the connection coincide.
        ssl=False,
        timeout=5,
        command_timeout=10,
        server_settings={"lock_timeout": "2s", "application_name": "chaos"},
    )
    try:
        yield connection
    finally:
        connection.terminate()


async def make_ledger(admin: Login) -> None:
    """Make the harness' own tables in a database that has both sides' tables already."""
    statements = resources.files(__package__).joinpath("ledger.sql").read_text("utf-8")
    async with connected(admin) as connection:
        await connection.execute(statements)


@asynccontextmanager
async def open_site(
    folder: Path, *, workers: int, lease: float, dqx: bool, round_trip: float = 0.0
) -> AsyncIterator[Site]:
    """Start all but the workers; `folder` gets the server, the tables and the logs.

    With `dqx` the last worker has DQX and a Spark, and is the one that sees real tables' runs.
    """
    server = await anyio.to_thread.run_sync(Postgres.at, folder / "postgres")
    # A port that no outgoing connection gets while the server is down.
    server.port = free_port()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_running(server))
        backend = await copy_backend(server, _DATABASE)
        tables = folder / "tables"
        tables.mkdir()
        await migrate(worker_environment(backend.worker, tables))
        admin = replace(server.admin, database=_DATABASE)
        await make_ledger(admin)
        workspace = server_workspace(server, _TOKEN_LIFE)
        workspace.oauth_life = _ASKED_EACH_TIME
        url = stack.enter_context(serving(workspace))
        settings = _FAST | {"DQX_WORKER_LEASE": f"{lease * 1000:.0f}ms"}
        posts = []
        for number in range(workers):
            proxy = await stack.enter_async_context(Proxy.running(server.port, round_trip / 2))
            # The first one logs in with tokens, the others with a password.
            if number == 0:
                login = replace(backend.worker, port=proxy.port, user=PRINCIPAL)
                environment = oauth_environment(login, url, workspace, tables, **settings)
            else:
                login = replace(backend.worker, port=proxy.port)
                login = await _own_login(admin, login, f"chaos_{number}")
                environment = worker_environment(login, tables, **settings)
            log = folder / f"worker-{number}.log"
            profiler = ["--dqx"] if dqx and number == workers - 1 else []
            arguments = (*profiler, "--traceback", "run")
            posts.append(Post(number, login.user, proxy, environment, log, arguments))
        if dqx:
            await _hide_real_runs(admin, [post.login for post in posts[:-1]])
        yield Site(server, backend, admin, workspace, tuple(posts), tables, lease, round_trip)


async def _hide_real_runs(admin: Login, logins: Sequence[str]) -> None:
    """Let those who have no DQX see none of the runs whose tables are real.

    A worker takes any run; that some have a Spark and others not is this harness' own idea.
    """
    async with connected(admin) as connection:
        for table, column in _HIDDEN.items():
            await connection.execute(
                _HIDE.format(table=table, column=column, prefix=REAL_RUN, logins=",".join(logins))
            )


async def _own_login(admin: Login, login: Login, name: str) -> Login:
    """Make a role that acts as the worker's, as the principal's does; return its login."""
    password = secrets.token_hex(12)
    async with connected(admin) as connection:
        await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {WORKER}")
        await connection.execute(f"ALTER ROLE {name} SET role TO {WORKER}")
    return replace(login, user=name, password=password)
