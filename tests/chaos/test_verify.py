"""The verdict of a chaos run is right where all is well, and notices what is planted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import worker_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from tests.chaos.backend_side import BackendSide
from tests.chaos.recovery import recovery
from tests.chaos.site import Site, make_ledger
from tests.chaos.verify import verify
from tests.support.command import migrate
from tests.support.databases import copy_backend
from tests.support.forked_commands import run_forked
from tests.support.stand_in_workers import STAND_IN

pytestmark = pytest.mark.anyio

COMPLETED = "(SELECT min(run_id) FROM chaos.requests WHERE fate = 'completes')"
FAILED = "(SELECT min(run_id) FROM chaos.requests WHERE fate = 'fails')"

PLANTED = {
    "a suggestion 2 times": (
        "INSERT INTO suggested_quality_checks SELECT"
        ' (jsonb_populate_record(s, \'{"id": "planted"}\')).* FROM suggested_quality_checks s'
        f" WHERE s.profile_run_id = {COMPLETED} LIMIT 1"
    ),
    "while nobody had a lease": (
        "INSERT INTO suggested_quality_checks SELECT"
        ' (jsonb_populate_record(s, \'{"id": "planted"}\')).* FROM suggested_quality_checks s'
        f" WHERE s.profile_run_id = {COMPLETED} LIMIT 1"
    ),
    "and should have": (
        "DELETE FROM suggested_quality_checks WHERE id ="
        f" (SELECT min(id) FROM suggested_quality_checks WHERE profile_run_id = {FAILED})"
    ),
    "in summary_stats and has 0": (
        f"DELETE FROM suggested_quality_checks WHERE profile_run_id = {COMPLETED}"
    ),
    "open, in 'profiling'": (
        f"UPDATE dqx_worker.table_progress SET state = 'profiling' WHERE run_id = {COMPLETED}"
    ),
    "is left 'running'": (
        f"UPDATE data_profiling_runs SET status = 'running' WHERE id = {COMPLETED}"
    ),
    "is left 'pending' (no attempt was made)": (
        "INSERT INTO data_profiling_runs (id, contract_id, source, status)"
        " SELECT 'planted', min(id), 'dqx', 'pending' FROM data_contracts;"
        " INSERT INTO chaos.requests VALUES ('planted', 'any', 'completes', '[]')"
    ),
    "should be 'completed'": (
        "UPDATE data_profiling_runs SET status = 'failed', error_message = 'no reason'"
        f" WHERE id = {COMPLETED}"
    ),
    "should be 'failed'": (
        f"UPDATE data_profiling_runs SET status = 'completed' WHERE id = {FAILED}"
    ),
    "without a message": (
        f"UPDATE data_profiling_runs SET error_message = NULL WHERE id = {FAILED}"
    ),
    "nobody deleted it": f"DELETE FROM data_profiling_runs WHERE id = {COMPLETED}",
    "was deleted and is there": (
        f"INSERT INTO chaos.deeds (kind, run_id) VALUES ('run deleted', {COMPLETED})"
    ),
    "was set to 'cancelled' and is 'completed'": (
        "INSERT INTO chaos.deeds (kind, run_id, word, suggestions)"
        f" VALUES ('run set to cancelled', {COMPLETED}, 'cancelled', 0)"
    ),
    "suggestions when it was set to": (
        "INSERT INTO chaos.deeds (kind, run_id, word, suggestions)"
        f" VALUES ('run set to cancelled', {COMPLETED}, 'completed', 0)"
    ),
    "after its end was decided": (
        "INSERT INTO chaos.deeds (kind, run_id, word, suggestions, at)"
        f" VALUES ('run set to cancelled', {COMPLETED}, 'completed', 0, now() - interval '1 day')"
    ),
    "has a lease left": (
        "INSERT INTO dqx_worker.leases (run_id, attempt, token, worker, expires_at)"
        f" VALUES ({COMPLETED}, 1, gen_random_uuid(), 'planted', now())"
    ),
    "lost a decision": (
        "INSERT INTO chaos.decisions SELECT id, profile_run_id, 'accepted'"
        f" FROM suggested_quality_checks WHERE profile_run_id = {COMPLETED} LIMIT 1"
    ),
    "accepted, which was superseded": (
        "INSERT INTO chaos.superseded SELECT 'planted', run_id, 'any', '{}', 'accepted'"
        f" FROM chaos.requests WHERE run_id = {COMPLETED}"
    ),
    "which nothing has superseded": (
        "INSERT INTO chaos.superseded SELECT 'planted', run_id, 'no such', '{}', 'pending'"
        f" FROM chaos.requests WHERE run_id = {COMPLETED}"
    ),
    "has what waits 2 times": (
        "INSERT INTO suggested_quality_checks SELECT"
        ' (jsonb_populate_record(s, \'{"id": "planted"}\')).* FROM suggested_quality_checks s'
        f" WHERE s.profile_run_id = {COMPLETED} LIMIT 1"
    ),
    "which waits out of reach": (
        "INSERT INTO data_profiling_runs (id, contract_id, source, status, started_at)"
        " SELECT 'planted', contract_id, 'dqx', 'failed', now() - interval '1 day'"
        f" FROM data_profiling_runs WHERE id = {COMPLETED};"
        " INSERT INTO chaos.requests SELECT 'planted', contract_id, 'fails', '[]'"
        f" FROM chaos.requests WHERE run_id = {COMPLETED};"
        " INSERT INTO dqx_worker.attempts (run_id, number, worker, ended_at, outcome)"
        " VALUES ('planted', 1, 'planted', now(), 'failed');"
        " UPDATE suggested_quality_checks SET profile_run_id = 'planted'"
        f" WHERE profile_run_id = {COMPLETED}"
    ),
    ", accepted, which moved": (
        f"INSERT INTO chaos.moves SELECT 'planted', {COMPLETED}, 'another', 'accepted'"
    ),
    "while dqx_worker had the lease": (
        f"UPDATE chaos.writes SET login = 'another' WHERE run_id = {COMPLETED}"
    ),
    "outside the attempt 1": (
        f"UPDATE chaos.writes SET at = at + interval '1 day' WHERE run_id = {COMPLETED}"
    ),
    "had 4 attempts that count": (
        "INSERT INTO dqx_worker.attempts (run_id, number, worker, ended_at, outcome)"
        f" SELECT {COMPLETED}, n, 'planted', now(), 'expired' FROM generate_series(2, 4) AS n"
    ),
    "attempt 2 of planted is open": (
        "INSERT INTO dqx_worker.attempts (run_id, number, worker)"
        f" VALUES ({COMPLETED}, 2, 'planted')"
    ),
    "at the same time": (
        "INSERT INTO dqx_worker.attempts (run_id, number, worker, ended_at, outcome, counts)"
        f" VALUES ({COMPLETED}, 2, 'planted', now(), 'expired', false);"
        " UPDATE chaos.claims SET at = at - interval '1 day' WHERE attempt = 2"
    ),
}


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A few runs that a real worker has brought to their ends, while nothing went wrong."""
    backend = await copy_backend(server, "verdict")
    folder = tmp_path_factory.mktemp("verdict")
    environment = worker_environment(backend.worker, folder, DQX_WORKER_SLOTS="8")
    await migrate(environment)
    admin = replace(server.admin, database="verdict")
    await make_ledger(admin)
    workspace = server_workspace(server, timedelta(minutes=1))
    made = Site(server, backend, admin, workspace, (), folder, lease=1.0)
    side = BackendSide(made, seed=1, dqx=False)
    await side.prepare()
    for fate in ("completes", "completes", "completes", "fails"):
        await side.request(fate)
    run_forked(["run", "--drain"], environment, module=STAND_IN)
    return made


@asynccontextmanager
async def undone(site: Site) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection of which nothing is kept."""
    async with site.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


async def test_where_all_is_well_nothing_is_found(site: Site) -> None:
    async with undone(site) as connection:
        found = await verify(connection, seed=1)
    assert found.violations == []
    assert found.ends == {"completed": 3, "failed": 1}
    assert found.suggestions > 0


@pytest.mark.parametrize("sentence", PLANTED)
async def test_what_is_planted_is_found(site: Site, sentence: str) -> None:
    async with undone(site) as connection:
        await connection.execute(PLANTED[sentence])
        found = await verify(connection, seed=1)
    assert any(sentence in one for one in found.violations), found.violations
    assert all(one.startswith("seed 1: run ") for one in found.violations)


async def test_the_recovery_is_timed_from_the_kill_to_the_claim_of_another_worker(
    site: Site,
) -> None:
    kill = (
        "INSERT INTO chaos.kills SELECT worker, run_id, attempt, at FROM chaos.claims"
        f" WHERE run_id = {COMPLETED}"
    )
    claim = (
        f"INSERT INTO chaos.claims SELECT run_id, 2, 'b', 'b', at + interval '2.5 seconds'"
        f" FROM chaos.claims WHERE run_id = {COMPLETED}"
    )
    # The ledger's trigger would note a claim of its own.
    last_try = (
        "SET LOCAL session_replication_role = replica;"
        " INSERT INTO dqx_worker.attempts (run_id, number, worker, tries)"
        f" VALUES ({COMPLETED}, 2, 'b', 3)"
    )
    outage = (
        "INSERT INTO chaos.outages SELECT at + interval '1 second', at + interval '2 seconds'"
        f" FROM chaos.claims WHERE run_id = {COMPLETED} AND attempt = 1"
    )
    async with undone(site) as connection:
        await connection.execute(kill)
        assert (await recovery(connection)).ended == 1
        await connection.execute(claim)
        assert (await recovery(connection)).clean == [2.5]
        await connection.execute(last_try)
        timed = await recovery(connection)
        assert (timed.clean, timed.last_tries) == ([], [2.5])
        await connection.execute(outage)
        timed = await recovery(connection)
        assert (timed.clean, timed.last_tries, timed.in_outages) == ([], [], [2.5])
        await connection.execute(
            f"INSERT INTO chaos.deeds (kind, run_id, at) SELECT 'run deleted', run_id, at"
            f" FROM chaos.claims WHERE run_id = {COMPLETED} AND attempt = 1"
        )
        assert (await recovery(connection)).decided == 1
