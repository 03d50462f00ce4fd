"""A Postgres that is far away: a worker starts, or names the setting to raise."""

import functools
import json
import subprocess
from collections.abc import AsyncIterator

import anyio.to_thread
import pytest

from deploy.sandbox.postgres import Postgres
from tests.support.forked_commands import run_forked
from tests.support.proxy import Proxy, Traffic
from tests.support.runs import events, names
from tests.support.stand_in_workers import STAND_IN, StandInSite
from worker.cli.exit_codes import ExitCode

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def site(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> StandInSite:
    return await StandInSite.made(server, tmp_path_factory.mktemp("far"), "far_away")


@pytest.fixture
async def proxy(server: Postgres) -> AsyncIterator[Proxy]:
    async with Proxy.running(server.port) as running:
        running.treat(Traffic.DELAY, delay=0.2)
        yield running


async def test_a_worker_with_the_default_lease_starts(site: StandInSite, proxy: Proxy) -> None:
    with site.worker("far", POSTGRES_PORT=str(proxy.port), DQX_WORKER_LEASE="15s") as worker:
        await site.until_event(worker, "worker.ready")
        proxy.treat(Traffic.FLOW)
        await anyio.to_thread.run_sync(worker.stop)
    assert "database.unavailable" not in names(events(worker.log))


@pytest.mark.parametrize(
    ("setting", "value"), [("DQX_WORKER_LEASE", "3s"), ("DQX_WORKER_CONNECT_TIMEOUT", "1s")]
)
async def test_a_setting_that_is_too_short_is_named(
    site: StandInSite, proxy: Proxy, setting: str, value: str
) -> None:
    # At twice the distance.
    proxy.treat(Traffic.DELAY, delay=0.4)
    environment = site.environment | {
        "POSTGRES_PORT": str(proxy.port),
        "DQX_WORKER_START_PATIENCE": "0s",
        "DQX_WORKER_LEASE": "15s",
        setting: value,
    }
    run = functools.partial(run_forked, ["run"], environment, module=STAND_IN)
    answer: subprocess.CompletedProcess[str] = await anyio.to_thread.run_sync(run)
    assert answer.returncode == ExitCode.DATABASE
    assert setting in json.loads(answer.stderr.splitlines()[-1])["error"]
