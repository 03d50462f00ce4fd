"""Backups: workers continue with a snapshot, and make their own schema anew if it is lost."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.sandbox.backend import OWNER, WORKER, Backend
from deploy.sandbox.postgres import Postgres
from tests.chaos.stand_in import stand_in_name
from tests.support.command import command, migrate
from tests.support.runs import ended, row, suggestions
from tests.support.stand_in_workers import StandInSite

pytestmark = pytest.mark.anyio

_LONG = stand_in_name(1000, 2)


async def interrupted(
    server: Postgres, folder: Path, database: str
) -> tuple[StandInSite, str, str]:
    """Return a site without workers, a run that was in work there, and a request that waits."""
    site = await StandInSite.made(server, folder, database)
    with site.worker("before") as worker:
        in_work = await site.request(a=_LONG)
        await site.until_states(in_work, a="profiling")
        worker.send(signal.SIGKILL)
        worker.wait(10)
    waiting = await site.request(b=_LONG)
    return site, in_work, waiting


async def test_workers_continue_with_a_snapshot_of_the_whole_database(
    server: Postgres, tmp_path: Path
) -> None:
    site, *runs = await interrupted(server, tmp_path, "backed_up")
    restored = await snapshot(server, site, "restored")
    with restored.worker("after"):
        await ended(restored.backend, *runs)
    for run in runs:
        assert (await row(restored.backend, run))["status"] == "completed"
        assert len(await suggestions(restored.backend, run)) == 2
    assert [one["outcome"] for one in await restored.attempts(runs[0])] == ["expired", "completed"]


async def snapshot(server: Postgres, site: StandInSite, name: str) -> StandInSite:
    """Copy a database, as a restored backup is a copy of it."""
    admin = await server.admin.connect()
    try:
        await admin.execute(
            f"CREATE DATABASE {name} TEMPLATE {site.backend.worker.database} OWNER {OWNER}"
            " STRATEGY FILE_COPY"
        )
        await admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {WORKER}")
    finally:
        await admin.close()
    return replace(
        site,
        backend=Backend.of(server, name),
        environment=site.environment | {"POSTGRES_DB": name},
    )


async def test_without_a_backup_of_the_workers_schema_requests_are_worked_on_and_runs_adopted(
    server: Postgres, tmp_path: Path
) -> None:
    site, in_work, waiting = await interrupted(server, tmp_path, "without_own")
    admin = await replace(server.admin, database=site.backend.worker.database).connect()
    await admin.execute("DROP SCHEMA dqx_worker CASCADE")
    # What grants.sql has of it.
    await admin.execute(f"CREATE SCHEMA dqx_worker; ALTER SCHEMA dqx_worker OWNER TO {WORKER}")
    await admin.close()
    await migrate(site.environment)
    with site.worker("after"):
        await ended(site.backend, waiting)
        assert (await row(site.backend, in_work))["status"] == "running"
        adopted = await command(site.environment, "adopt", in_work)
        assert adopted.returncode == 0, adopted.stderr
        await ended(site.backend, in_work)
    for run in (in_work, waiting):
        assert (await row(site.backend, run))["status"] == "completed"
        assert len(await suggestions(site.backend, run)) == 2
