"""Faults of Postgres, of the workspace that issues tokens, and of the worker's own schema."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import anyio
import anyio.to_thread

from deploy.sandbox.backend import PRINCIPAL
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.faults import Fault, FaultKind
from deploy.sandbox.workspace.server import serving
from tests.alerts.scenario import Scenario
from tests.alerts.site import AlertSite
from tests.chaos.stand_in import FAILS, stand_in_name
from tests.support.command import command
from tests.support.probes import ask
from tests.support.runs import ended
from tests.support.waiting import until
from worker.telemetry.events import Event

_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE OF status ON data_profiling_runs
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'failed')) EXECUTE FUNCTION refuse();
"""
_TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = $2
"""
_NO_TOKEN = b"dqx_worker_token_life_seconds 0.0"
_FORGET = """
DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)
RETURNING number, kind, name
"""
_REMEMBER = "INSERT INTO migrations (number, kind, name) VALUES ($1, $2, $3)"

__all__ = ["MigrationsPending", "NoTokens", "NoTokensLeft", "PostgresAway", "RefusedEnd"]


class PostgresAway(Scenario):
    """Postgres stops under two workers, for longer than a lease, while a run is in work."""

    name = "postgres_away"
    alert = "DqxWorkerNoneReady"
    workers = 2

    @asynccontextmanager
    async def running(self, server: Postgres, folder: Path) -> AsyncIterator[AlertSite]:
        """Run the workers on a server that is theirs alone."""
        self._own = await anyio.to_thread.run_sync(Postgres.at, folder.with_name("own_postgres"))
        await anyio.to_thread.run_sync(self._own.start)
        try:
            async with super().running(self._own, folder) as site:
                yield site
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._own.stop)

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Stop the server, and start it again in the end: the run is completed."""
        run = await site.stand_ins.request(a=stand_in_name(12_000, 1))
        await site.stand_ins.until_states(run, a="profiling")
        await anyio.to_thread.run_sync(self._own.stop)
        yield
        await anyio.to_thread.run_sync(self._own.start)
        await ended(site.stand_ins.backend, run)


class NoTokens(Scenario):
    """The workspace issues no more tokens, and the last one ends soon."""

    name = "no_tokens"
    alert = "DqxWorkerTokenEnds"
    life = timedelta(seconds=60)

    @asynccontextmanager
    async def running(self, server: Postgres, folder: Path) -> AsyncIterator[AlertSite]:
        """Run a worker that logs in with tokens."""
        self._workspace = server_workspace(server, self.life)
        # The SDK asks anew for an OAuth token that has less than 40 s to live.
        self._workspace.oauth_life = timedelta(seconds=30)
        with serving(self._workspace) as url:
            async with AlertSite.made(server, folder, self.name, {}) as site:
                stand_ins = site.stand_ins
                settings = {
                    name: value
                    for name, value in stand_ins.environment.items()
                    if name.startswith("DQX_WORKER_")
                }
                login = stand_ins.backend.worker
                await site.start(
                    1, oauth_environment(login, url, self._workspace, folder, **settings)
                )
                yield site

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Answer every request for a token with 503."""
        self._workspace.faults.add(Fault(FaultKind.UNAVAILABLE, times=1_000_000))
        yield
        self._workspace.faults.clear()


class NoTokensLeft(NoTokens):
    """The token has ended, too, and Postgres closes the connections: the worker is not ready."""

    name = "no_tokens_left"
    life = timedelta(seconds=30)

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Close connections until the worker can open no more; it is ready in the end."""
        (post,) = site.posts
        async with super().fault(site):
            admin = await site.stand_ins.server.admin.connect()
            database = site.stand_ins.backend.worker.database

            async def cut_off() -> bool:
                await admin.execute(_TERMINATE, database, PRINCIPAL)
                return _NO_TOKEN in (await ask(post.port, "/metrics")).body

            try:
                await until(cut_off, "the token has ended")
            finally:
                await admin.close()
            yield
        await post.until_ready()


class RefusedEnd(Scenario):
    """The backend's table refuses the end of a run, until the worker stops retrying."""

    name = "refused_end"
    alert = "DqxWorkerRunsWithoutLease"
    settings: ClassVar[Mapping[str, str]] = {"DQX_WORKER_END_PATIENCE": "1s"}

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Have a trigger raise; without it the run is adopted in the end."""
        backend = site.stand_ins.backend
        async with backend.connection() as owner:
            await owner.execute(_REFUSE)
        run = await site.stand_ins.request(a=stand_in_name(10, 1))
        await site.posts[0].until_event(Event.RUN_STUCK)
        yield
        async with backend.connection() as owner:
            await owner.execute("DROP TRIGGER refuse ON data_profiling_runs")
        adopted = await command(site.stand_ins.environment, "adopt", run)
        assert adopted.returncode == 0, adopted.stderr
        await ended(backend, run)


class MigrationsPending(Scenario):
    """The worker's own schema is restored from a backup of an earlier version."""

    name = "migrations_pending"
    alert = "DqxWorkerMigrationsPending"

    @asynccontextmanager
    async def fault(self, site: AlertSite) -> AsyncIterator[None]:
        """Take back what the newest migration recorded; `migrate` does it again in the end."""
        async with site.stand_ins.as_worker() as connection:
            (newest,) = await connection.fetch(_FORGET)
        # A run that fails has the worker examine its tables at once.
        run = await site.stand_ins.request(a=FAILS)
        await ended(site.stand_ins.backend, run)
        yield
        async with site.stand_ins.as_worker() as connection:
            await connection.execute(_REMEMBER, *newest)
