"""A worker that starts while Postgres is away waits for it like one that is running."""

import json
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import WorkerProcess
from tests.support.command import run_command
from tests.support.forked_commands import ForkedProcess, run_forked
from tests.support.jobs import arguments
from tests.support.probes import ask
from tests.support.proxy import Proxy, Traffic, free_port
from tests.support.runs import ended, events, names, row
from tests.support.stand_in_workers import STAND_IN, StandInSite
from tests.support.waiting import until
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    return await StandInSite.made(server, tmp_path_factory.mktemp("outage"), "start_outage")


@pytest.fixture
async def proxy(server: Postgres) -> AsyncIterator[Proxy]:
    """The way to Postgres, which is closed at first."""
    async with Proxy.running(server.port) as running:
        running.treat(Traffic.REFUSE)
        yield running


async def stop(worker: WorkerProcess) -> None:
    """End a worker while its way to Postgres, which is in this thread, stays open."""
    await anyio.to_thread.run_sync(worker.stop)


async def until_away(printed: Path) -> None:
    """Wait until a job says that Postgres is away."""
    log = anyio.Path(printed)

    async def away() -> bool:
        return await log.exists() and "away: Could not connect" in await log.read_text()

    await until(away, "the job says that Postgres is away", seconds=20)


async def test_a_worker_waits_for_postgres_and_says_so(site: StandInSite, proxy: Proxy) -> None:
    run_id = await site.request(t="stand_in.1.1")
    port = free_port()
    settings = {
        "POSTGRES_PORT": str(proxy.port),
        "DQX_WORKER_PROBES": f"127.0.0.1:{port}",
        "DQX_WORKER_MIGRATE": "true",
    }
    with site.worker("waiting", **settings) as worker:
        await site.until_event(worker, "database.unavailable")
        assert (await ask(port, "/livez")).status == 200
        ready = await ask(port, "/readyz")
        assert ready.status == 503
        reason = ready.json()["parts"]["database"]["reason"]
        assert f"Could not connect to Postgres at 127.0.0.1:{proxy.port}" in reason
        assert worker.exit_code is None

        proxy.treat(Traffic.FLOW)
        (done,) = await ended(site.backend, run_id)
        assert done["status"] == "completed"
        await stop(worker)
    reported = names(events(worker.log))
    assert reported.count("database.unavailable") == reported.count("database.available") == 1
    (unavailable,) = [
        line for line in events(worker.log) if line["event"] == "database.unavailable"
    ]
    assert unavailable["patience_s"] == 300
    assert unavailable["error"] in reason


async def test_an_outage_between_the_first_connection_and_the_checks_is_waited_for(
    site: StandInSite, proxy: Proxy
) -> None:
    proxy.treat(Traffic.FLOW)
    async with site.as_worker() as watching, site.as_worker() as connection:
        lock = connection.transaction()
        await lock.start()
        # The check of the worker's own schema waits for this.
        await connection.execute("LOCK TABLE migrations IN ACCESS EXCLUSIVE MODE")
        with site.worker("cut", POSTGRES_PORT=str(proxy.port)) as worker:

            async def waiting() -> bool:
                return bool(
                    await watching.fetchval(
                        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type ="
                        " 'Lock' AND application_name = 'dqx-worker'"
                        " AND datname = current_database())"
                    )
                )

            await until(waiting, "the worker is at its checks")
            proxy.treat(Traffic.REFUSE)
            proxy.cut()
            await site.until_event(worker, "database.unavailable")
            proxy.treat(Traffic.FLOW)
            assert worker.exit_code is None
            await lock.rollback()
            await site.until_event(worker, "worker.ready")
            await stop(worker)


async def test_after_the_limit_it_says_for_how_long_it_waited(site: StandInSite) -> None:
    began = time.monotonic()
    answer = run_forked(
        ["run"],
        site.environment | {"POSTGRES_PORT": "1", "DQX_WORKER_START_PATIENCE": "1s"},
        module=STAND_IN,
    )
    assert answer.returncode == ExitCode.DATABASE
    assert time.monotonic() - began < 5
    last = json.loads(answer.stderr.splitlines()[-1])
    assert last["event"] == "worker.failed"
    assert last["error"].startswith("Postgres was not available for ")
    assert "Could not connect to Postgres at 127.0.0.1:1" in last["error"]


async def test_a_signal_ends_the_wait(site: StandInSite) -> None:
    with site.worker("stopped", POSTGRES_PORT="1") as worker:
        await site.until_event(worker, "database.unavailable")
        worker.send(signal.SIGTERM)
        assert worker.wait(3) == 128 + signal.SIGTERM
    reported = names(events(worker.log))
    assert "worker.draining" in reported
    assert reported[-1] == "worker.stopped"


async def test_a_signal_ends_the_wait_of_a_job(site: StandInSite, tmp_path: Path) -> None:
    job = ForkedProcess(
        ["job", *arguments("r", postgres_port="1")],
        site.environment,
        stdout=tmp_path / "job.log",
        module=STAND_IN,
    )
    try:
        await until_away(tmp_path / "job.log")
        job.send_signal(signal.SIGTERM)
        assert job.wait(5) == 128 + signal.SIGTERM
    finally:
        job.send_signal(signal.SIGKILL)
        job.wait()


@pytest.mark.parametrize(
    "wrong", [{"POSTGRES_PASSWORD": "wrong"}, {"POSTGRES_DB": "absent"}, {"PGSSLMODE": "require"}]
)
async def test_what_is_set_up_wrongly_is_not_waited_for(
    site: StandInSite, wrong: dict[str, str]
) -> None:
    answer = run_command(site.environment | wrong, "run", seconds=20)
    assert answer.returncode == ExitCode.DATABASE


async def test_a_job_waits_for_postgres(site: StandInSite, proxy: Proxy, tmp_path: Path) -> None:
    run_id = await site.request(t="stand_in.1.1")
    contract = (await row(site.backend, run_id))["contract_id"]
    printed = tmp_path / "job.log"
    job = ForkedProcess(
        ["job", *arguments(run_id, contract, postgres_port=str(proxy.port))],
        site.environment,
        stdout=printed,
        module=STAND_IN,
    )
    try:
        await until_away(printed)
        proxy.treat(Traffic.FLOW)
        assert await job.ended() == ExitCode.SUCCESS, printed.read_text()
    finally:
        job.send_signal(signal.SIGKILL)
        job.wait()
