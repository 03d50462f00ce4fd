"""A launch of `dqx-worker job`: what it does, and what it leaves when it is broken off."""

import signal
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import pytest

from deploy.sandbox.find_secrets import leaked
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import INSTANCE
from deploy.sandbox.workspace.server import serving
from tests.support.contracts import contract
from tests.support.forked_commands import ForkedProcess
from tests.support.jobs import arguments, launch
from tests.support.runs import row, suggestions
from tests.support.stand_in_workers import STAND_IN, StandInSite
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio

SCHEMAS = ("quick", "slow")
# Longer than any test; longer than a token of the first test lives; longer than two heartbeats.
ENDLESS, LONG, SLOW = "stand_in.600000.2", "stand_in.4000.2", "stand_in.2500.2"
# Seconds, of every stand-in site.
GRACE = 6.0


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    return await StandInSite.made(server, tmp_path_factory.mktemp("job"), "jobs")


@pytest.fixture
async def run(site: StandInSite, request: pytest.FixtureRequest) -> str:
    """A request for a quick table and a slow one."""
    slow = getattr(request, "param", SLOW)
    contract_id = f"{slow} {request.node.name}"
    await site.backend.add_contract(contract(contract_id, quick="stand_in.1.2", slow=slow))
    return await site.backend.request(contract_id, SCHEMAS)


@pytest.fixture
async def parameters(site: StandInSite, run: str) -> list[str]:
    """The parameters of a launch for the run."""
    return arguments(run, (await row(site.backend, run))["contract_id"], SCHEMAS)


@pytest.fixture
async def begun(site: StandInSite, run: str, parameters: list[str]) -> AsyncIterator[ForkedProcess]:
    """A job whose table `quick` is done and whose table `slow` is being profiled."""
    job = started(site, run, parameters)
    try:
        await site.until_states(run, quick="completed", slow="profiling")
        yield job
    finally:
        job.send_signal(signal.SIGKILL)
        job.wait()


def started(site: StandInSite, run: str, parameters: list[str]) -> ForkedProcess:
    return ForkedProcess(
        ["job", *parameters],
        site.environment,
        stdout=printed_by(site, run),
        module=STAND_IN,
    )


def printed_by(site: StandInSite, run: str) -> Path:
    return site.folder / f"{run}.log"


async def ended(site: StandInSite, run: str, job: ForkedProcess) -> tuple[int, str]:
    """Wait for the end and return the exit code and what was printed."""
    code = await anyio.to_thread.run_sync(job.wait, 60)
    return code, printed_by(site, run).read_text()


async def leases(site: StandInSite, run: str) -> list[datetime]:
    """Return when each lease on the run ends."""
    async with site.as_worker() as connection:
        rows = await connection.fetch("SELECT expires_at FROM leases WHERE run_id = $1", run)
    return [one["expires_at"] for one in rows]


@pytest.mark.parametrize("run", [LONG], indirect=True)
async def test_with_the_replaced_jobs_parameters_alone_it_logs_in_with_tokens(
    site: StandInSite, run: str, server: Postgres
) -> None:
    """They live 3 s, so they are refreshed at work; what the environment says is silenced."""
    workspace = server_workspace(server, timedelta(seconds=3))
    worker = site.backend.worker
    with serving(workspace) as url:
        environment = oauth_environment(
            worker,
            url,
            workspace,
            site.folder,
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
                (await row(site.backend, run))["contract_id"],
                SCHEMAS,
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
            module=STAND_IN,
        )
    assert launched.code == ExitCode.SUCCESS, launched
    done = await row(site.backend, run)
    assert (done["status"], done["error_message"]) == ("completed", None)
    assert {one["schema_name"] for one in await suggestions(site.backend, run)} == {
        "quick",
        "slow",
    }
    assert workspace.issuer.minted > 1

    wanted = ["job parameters", "workspace client", "database", "contract", "table"]
    first_seen = list(dict.fromkeys(launched.phases()))
    assert [phase for phase in first_seen if phase in wanted] == wanted
    assert first_seen[-1] == "finish"
    assert f"{url} by oauth-m2m" in launched.printed
    assert "token **** for" in launched.printed
    assert "--job-run-id is none of this command's: it is ignored" in launched.printed
    everything = launched.printed + launched.errors
    assert "0123456789abcdef" not in everything
    assert leaked([*workspace.secrets, "somebody's password"], everything.encode()) == []


@pytest.mark.parametrize("run", ["stand_in.fails"], indirect=True)
async def test_a_table_that_can_not_be_profiled_is_10_and_what_the_others_give_is_kept(
    site: StandInSite, run: str
) -> None:
    """Launched with dashes, which work too, and with empty parameters, which are none."""
    parameters = [
        f"--contract-id={(await row(site.backend, run))['contract_id']}",
        '--schema-names=["quick", "slow"]',
        f"--profile-run-id={run}",
        "--lakebase-instance-name=",
        "--postgres-host=",
        "--postgres-db=",
        "--postgres-port=",
        "--postgres-schema=",
    ]
    launched = await launch(site.environment, *parameters, module=STAND_IN)
    assert launched.code == ExitCode.RUN_FAILED, launched
    failed = await row(site.backend, run)
    assert failed["status"] == "failed"
    assert "Failed to profile 1 of 2 schemas: slow: stand_in.fails can't" in failed["error_message"]
    assert failed["error_message"] in launched.printed
    assert {one["schema_name"] for one in await suggestions(site.backend, run)} == {"quick"}


@pytest.mark.parametrize("run", [ENDLESS], indirect=True)
async def test_a_job_that_is_asked_to_stop_ends_its_run_and_keeps_what_is_done(
    site: StandInSite, run: str, begun: ForkedProcess
) -> None:
    """It is not given back: the launcher decides on another try."""
    begun.send_signal(signal.SIGTERM)
    code, _ = await ended(site, run, begun)
    stopped = await row(site.backend, run)
    assert code == 128 + signal.SIGTERM
    assert (stopped["status"], stopped["error_message"]) == (
        "failed",
        "Failed to profile 1 of 2 schemas: slow: the job was stopped before it had ended",
    )
    assert stopped["completed_at"] is not None
    assert {one["schema_name"] for one in await suggestions(site.backend, run)} == {"quick"}
    assert await leases(site, run) == []


@pytest.mark.parametrize("run", ["stand_in.hangs"], indirect=True)
async def test_a_job_that_is_asked_to_stop_waits_for_no_thread_beyond_its_grace_period(
    site: StandInSite, run: str, begun: ForkedProcess
) -> None:
    begun.send_signal(signal.SIGTERM)
    assert await anyio.to_thread.run_sync(begun.wait, GRACE) == 128 + signal.SIGTERM
    assert (await row(site.backend, run))["status"] == "failed"


async def test_a_job_that_is_asked_to_stop_before_it_has_its_run_ends_it_all_the_same(
    site: StandInSite, run: str, parameters: list[str]
) -> None:
    async with site.as_worker() as gate:
        shut = gate.transaction()
        await shut.start()
        await gate.execute("LOCK TABLE attempts IN SHARE MODE")
        job = started(site, run, parameters)
        claiming: list[int] = []

        async def another_claims() -> bool:
            waiting = await gate.fetchval(
                "SELECT min(pid) FROM pg_locks"
                " WHERE NOT granted AND relation = 'attempts'::regclass"
            )
            if waiting is None or waiting in claiming:
                return False
            claiming.append(waiting)
            return True

        await until(another_claims, "the job claims its run")
        job.send_signal(signal.SIGTERM)
        await until(another_claims, "it claims the run to end it")
        await shut.rollback()
    code, _ = await ended(site, run, job)
    assert code == 128 + signal.SIGTERM
    stopped = await row(site.backend, run)
    assert stopped["status"] == "failed"
    assert stopped["error_message"] == "the job was stopped before it had ended"


@pytest.mark.parametrize("run", [ENDLESS], indirect=True)
async def test_a_run_that_somebody_cancels_is_left_as_they_set_it(
    site: StandInSite, run: str, begun: ForkedProcess
) -> None:
    async with site.backend.connection() as owner:
        await owner.execute(
            "UPDATE data_profiling_runs SET status = 'cancelled' WHERE id = $1", run
        )
    decided = await row(site.backend, run)
    code, printed = await ended(site, run, begun)
    assert code == ExitCode.RUN_CANCELLED
    assert "nothing more is written" in printed
    assert await row(site.backend, run) == decided
    assert await leases(site, run) == []


async def test_a_run_id_that_the_launcher_sets_meanwhile_is_the_jobs_own(
    site: StandInSite, run: str, begun: ForkedProcess
) -> None:
    (lives_until,) = await leases(site, run)

    async def renewed() -> bool:
        return await leases(site, run) > [lives_until]

    await until(renewed, "the lease is renewed")
    async with site.backend.connection() as owner:
        await owner.execute(
            "UPDATE data_profiling_runs SET run_id = '4711', status = 'running' WHERE id = $1", run
        )
    code, _ = await ended(site, run, begun)
    assert code == ExitCode.SUCCESS
    done = await row(site.backend, run)
    assert (done["status"], done["run_id"]) == ("completed", "4711")


async def test_a_connection_that_is_lost_costs_the_run_nothing(
    site: StandInSite, run: str, begun: ForkedProcess, server: Postgres
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
    code, printed = await ended(site, run, begun)
    assert code == ExitCode.SUCCESS, printed
    assert "terminating connection due to administrator command" in printed
    assert (await row(site.backend, run))["status"] == "completed"
    assert await leases(site, run) == []
    found = {one["schema_name"] for one in await suggestions(site.backend, run)}
    assert found == {"quick", "slow"}


async def test_a_launch_after_one_that_was_killed_waits_for_its_lease_and_doubles_nothing(
    site: StandInSite, run: str, parameters: list[str], begun: ForkedProcess
) -> None:
    before = await suggestions(site.backend, run)
    begun.send_signal(signal.SIGKILL)
    launched = await launch(site.environment, *parameters, module=STAND_IN)
    assert launched.code == ExitCode.SUCCESS, launched
    assert "quick: profiled by an earlier attempt" in launched.printed
    assert [(one["number"], one["outcome"]) for one in await site.attempts(run)] == [
        (1, "expired"),
        (2, "completed"),
    ]
    after = await suggestions(site.backend, run)
    assert {one["id"] for one in before} < {one["id"] for one in after}
    assert (await row(site.backend, run))["status"] == "completed"
