"""A launch of `dqx-worker job`: what it does, and what it leaves when it is broken off."""

import signal
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import anyio
import asyncpg
import pytest

from deploy.sandbox.leaks import leaked
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment, worker_command
from deploy.sandbox.workspace.app import INSTANCE
from deploy.sandbox.workspace.of_server import server_workspace
from deploy.sandbox.workspace.server import serving
from tests.process import conftest
from tests.process.conftest import Site, make_site, sooner
from tests.support.contracts import contract, write_parquet
from tests.support.jobs import arguments, launch
from tests.support.long import long_form
from tests.support.runs import row, suggestions
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

# Each costs a quarter of a second: enough to be seen at work, and to be interrupted at it.
COLUMNS, MANY_COLUMNS = 12, 30

AT_LENGTH = pytest.mark.parametrize("site", [MANY_COLUMNS], indirect=True, ids=["at length"])


@pytest.fixture
async def site(server: Postgres, tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    """A contract of a quick table and a slow one; no worker."""
    columns = getattr(request, "param", COLUMNS)
    name = f"job_{abs(hash(request.node.name)) % 10**8}"
    settings = {"DQX_WORKER_LEASE": "3s", "DQX_WORKER_GRACE": "6s", **conftest.AT_LENGTH}
    made = await make_site(server, tmp_path, name, **settings)
    quick = write_parquet(made.tables / "quick.parquet", id=list(range(10)))
    slow = write_parquet(
        made.tables / "slow.parquet", **{f"c{n}": list(range(100)) for n in range(columns)}
    )
    await made.backend.add_contract(contract("c", quick=quick, slow=slow))
    return made


@pytest.fixture
async def run(site: Site) -> str:
    return await site.backend.request("c", ["quick", "slow"])


@pytest.fixture
async def begun(site: Site, run: str) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A job whose table `quick` is done and whose table `slow` is being profiled."""
    job = started(site, run)

    async def halfway() -> bool:
        assert job.poll() is None
        states = {one["schema_name"]: one["state"] for one in await site.backend.progress()}
        return states == {"quick": "completed", "slow": "profiling"}

    try:
        await until(halfway, "one table done, one in work")
        yield job
    finally:
        job.kill()
        job.wait()


def started(site: Site, run: str) -> subprocess.Popen[bytes]:
    with site.log.open("wb") as log:
        return subprocess.Popen(
            worker_command("job", *arguments(run, schemas=["quick", "slow"])),
            env=site.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


async def ended(site: Site, job: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Wait for the end and return the exit code and what was printed."""
    code = await anyio.to_thread.run_sync(lambda: job.wait(60))
    return code, site.log.read_text()


async def own(site: Site, query: str) -> list[asyncpg.Record]:
    """Ask the worker's own tables."""
    connection = await site.backend.worker.connect()
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


@AT_LENGTH
async def test_with_the_replaced_jobs_parameters_alone_it_logs_in_with_tokens(
    site: Site, run: str, server: Postgres
) -> None:
    """They live 3 s, so they are refreshed at work; what the environment says is silenced."""
    workspace = server_workspace(server, timedelta(seconds=3))
    worker = site.backend.worker
    with serving(workspace) as url:
        environment = oauth_environment(
            worker,
            url,
            workspace,
            site.tables,
            **sooner(),
            LAKEBASE_ENDPOINT="projects/another/branches/main/endpoints/primary",
            POSTGRES_HOST="nowhere.invalid",
            POSTGRES_DB="another",
            POSTGRES_PORT="1",
            POSTGRES_USER="somebody",
            POSTGRES_PASSWORD="somebody's password",
            DATABRICKS_CONFIG_FILE="/dev/null",
        )
        launched = await launch(
            environment,
            *arguments(
                run,
                schemas=["quick", "slow"],
                lakebase_instance_name=INSTANCE,
                postgres_host=worker.host,
                postgres_db=worker.database,
                postgres_port=str(worker.port),
                postgres_schema="public",
            ),
            "--job-run-id=12",
            "--secret-of-the-runner",
            "0123456789abcdef",
            "and more",
        )
    assert launched.code == ExitCode.SUCCESS, launched
    done = await row(site.backend, run)
    assert (done["status"], done["error_message"]) == ("completed", None)
    assert {one["schema_name"] for one in await suggestions(site.backend, run)} == {
        "quick",
        "slow",
    }
    assert workspace.issuer.minted > 1

    wanted = ["job parameters", "workspace client", "database", "contract", "Spark", "table"]
    first_seen = list(dict.fromkeys(launched.phases()))
    assert [phase for phase in first_seen if phase in wanted] == wanted
    assert first_seen[-1] == "finish"
    assert f"{url} by oauth-m2m" in launched.printed
    assert "token **** for" in launched.printed
    assert "--job-run-id is none of this command's: it is ignored" in launched.printed
    everything = launched.printed + launched.errors
    assert "0123456789abcdef" not in everything
    assert leaked([*workspace.secrets, "somebody's password"], everything.encode()) == []


async def test_a_table_that_can_not_be_profiled_is_10_and_what_the_others_give_is_kept(
    site: Site, run: str
) -> None:
    """Launched with dashes, which work too, and with empty parameters, which are none."""
    (site.tables / "slow.parquet").unlink()
    parameters = [
        "--contract-id=c",
        '--schema-names=["quick", "slow"]',
        f"--profile-run-id={run}",
        "--lakebase-instance-name=",
        "--postgres-host=",
        "--postgres-db=",
        "--postgres-port=",
        "--postgres-schema=",
    ]
    launched = await launch(site.environment, *parameters)
    assert launched.code == ExitCode.RUN_FAILED, launched
    failed = await row(site.backend, run)
    assert failed["status"] == "failed"
    assert "Failed to profile 1 of 2 schemas: slow: file " in failed["error_message"]
    assert failed["error_message"] in launched.printed
    assert {one["schema_name"] for one in await suggestions(site.backend, run)} == {"quick"}


@long_form
@AT_LENGTH
async def test_a_job_that_is_told_to_stop_ends_its_run_and_keeps_what_is_done(
    site: Site, run: str, begun: subprocess.Popen[bytes]
) -> None:
    """It is not given back: the launcher decides on another try."""
    begun.terminate()
    code, _ = await ended(site, begun)
    stopped = await row(site.backend, run)
    assert code == 128 + signal.SIGTERM
    assert (stopped["status"], stopped["error_message"]) == (
        "failed",
        "Failed to profile 1 of 2 schemas: slow: the job was stopped before it had ended",
    )
    assert stopped["completed_at"] is not None
    assert {one["schema_name"] for one in await suggestions(site.backend, run)} == {"quick"}
    assert await own(site, "SELECT * FROM dqx_worker.leases") == []


async def test_a_job_that_is_told_to_stop_while_spark_starts_ends_its_run_first(
    site: Site, run: str
) -> None:
    """Spark's start can't be interrupted, and a supervisor waits for no longer than it says."""
    job = started(site, run)

    async def claimed() -> bool:
        return bool((await row(site.backend, run))["status"] == "running")

    await until(claimed, "the job has its run")
    job.terminate()
    code, printed = await ended(site, job)
    assert code == 128 + signal.SIGTERM
    end = "finish            failed: the job was stopped before it had ended"
    # It may be there at last, while the process ends.
    assert printed.index(end) < (printed + "Spark             Spark ").index(
        "Spark             Spark "
    )
    assert (await row(site.backend, run))["status"] == "failed"


@long_form
@AT_LENGTH
async def test_a_run_that_somebody_cancels_is_left_as_they_set_it(
    site: Site, run: str, begun: subprocess.Popen[bytes]
) -> None:
    async with site.backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET status = 'cancelled'")
    decided = await row(site.backend, run)
    code, printed = await ended(site, begun)
    assert code == ExitCode.RUN_CANCELLED
    assert "nothing more is written" in printed
    assert await row(site.backend, run) == decided
    assert await own(site, "SELECT * FROM dqx_worker.leases") == []


@long_form
async def test_a_run_id_that_the_launcher_sets_meanwhile_is_the_jobs_own(
    site: Site, run: str, begun: subprocess.Popen[bytes]
) -> None:
    # Spark's start alone took longer than a lease lives: it is renewed.
    (lease,) = await own(
        site, "SELECT expires_at > clock_timestamp() AS lives FROM dqx_worker.leases"
    )
    assert lease["lives"]
    async with site.backend.connection() as owner:
        await owner.execute("UPDATE data_profiling_runs SET run_id = '4711', status = 'running'")
    code, _ = await ended(site, begun)
    assert code == ExitCode.SUCCESS
    done = await row(site.backend, run)
    assert (done["status"], done["run_id"]) == ("completed", "4711")


@long_form
async def test_a_connection_that_is_lost_costs_the_run_nothing(
    site: Site, run: str, begun: subprocess.Popen[bytes], server: Postgres
) -> None:
    admin = await server.admin.connect()
    async with site.backend.connection() as owner:
        transaction = owner.transaction()
        await transaction.start()
        await owner.execute("LOCK TABLE suggested_quality_checks IN ACCESS EXCLUSIVE MODE")

        async def killed() -> bool:
            return bool(
                await admin.fetchval(
                    "SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = $1 AND usename = 'dqx_worker' AND wait_event_type = 'Lock'",
                    site.backend.worker.database,
                )
            )

        await until(killed, "the connection that writes suggestions is gone")
        await transaction.rollback()
    await admin.close()
    code, printed = await ended(site, begun)
    assert code == ExitCode.SUCCESS, printed
    assert "terminating connection due to administrator command" in printed
    assert (await row(site.backend, run))["status"] == "completed"
    assert await own(site, "SELECT * FROM dqx_worker.leases") == []
    found = {one["schema_name"] for one in await suggestions(site.backend, run)}
    assert found == {"quick", "slow"}


@long_form
async def test_a_launch_after_one_that_was_killed_waits_for_its_lease_and_doubles_nothing(
    site: Site, run: str, begun: subprocess.Popen[bytes]
) -> None:
    before = await suggestions(site.backend, run)
    begun.kill()
    launched = await launch(site.environment, *arguments(run, schemas=["quick", "slow"]))
    assert launched.code == ExitCode.SUCCESS, launched
    assert "quick: profiled by an earlier attempt" in launched.printed
    attempts = await own(
        site, "SELECT number, outcome, reason FROM dqx_worker.attempts ORDER BY number"
    )
    assert [(one["number"], one["outcome"]) for one in attempts] == [
        (1, "expired"),
        (2, "completed"),
    ]
    after = await suggestions(site.backend, run)
    assert {one["id"] for one in before} < {one["id"] for one in after}
    assert (await row(site.backend, run))["status"] == "completed"
