"""A worker on tokens of a few seconds: it works, sleeps, wakes and outlives its database."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.find_secrets import leaked
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.worker_process import oauth_environment
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import Workspace
from deploy.sandbox.workspace.server import serving
from tests.process.conftest import Site
from tests.support.command import migrate
from tests.support.contracts import contract
from tests.support.forked_commands import forked_worker
from tests.support.probes import ask
from tests.support.runs import ended, events, names
from tests.support.stand_in_workers import STAND_IN
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

_CONNECTIONS = """
SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dqx-worker' AND pid <> $1
"""
_LIFE = timedelta(seconds=3)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A Postgres that is nobody else's: it is killed."""
    with Postgres.running(tmp_path_factory.mktemp("lakebase")) as server:
        yield server


@pytest.fixture(scope="module")
def workspace(own_server: Postgres) -> Workspace:
    return server_workspace(own_server, _LIFE)


@pytest.fixture(scope="module")
async def site(
    own_server: Postgres, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    backend = await create_backend(own_server, "lakebase")
    await backend.add_contract(contract("c", t="stand_in.1.2", long="stand_in.4000.2"))
    with serving(workspace) as url:
        environment = oauth_environment(
            backend.worker,
            url,
            workspace,
            folder,
            DQX_WORKER_POLL_INTERVAL="100ms",
            DQX_WORKER_IDLE="sleep",
            DQX_WORKER_IDLE_AFTER="1s",
            DQX_WORKER_IDLE_INTERVAL="1s",
            DQX_WORKER_LOG_LEVEL="debug",
            DQX_WORKER_PROBES="127.0.0.1:0",
        )
        await migrate(environment)
        made = Site(backend, folder, environment, folder / "worker.log")
        with forked_worker(environment, made.log, module=STAND_IN):
            yield made


async def completes(backend: Backend, schema: str = "t") -> None:
    (row,) = await ended(backend, await backend.request("c", [schema]))
    assert (row["status"], row["error_message"]) == ("completed", None)


async def sleeps(site: Site, times: int) -> None:
    """Wait until the worker has gone to sleep so often, and has no connection."""

    async def asleep() -> bool:
        if names(events(site.log)).count("worker.sleeping") < times:
            return False
        async with site.backend.connection() as owner:
            return bool(await owner.fetchval(_CONNECTIONS, 0) == 0)

    await until(asleep, f"the worker sleeps for the {times}. time")


async def test_it_works_on_tokens_of_three_seconds(site: Site, workspace: Workspace) -> None:
    before = workspace.issuer.minted
    await completes(site.backend, "long")
    assert workspace.issuer.minted > before


async def test_its_metrics_show_its_tokens(site: Site) -> None:
    (served,) = [line for line in events(site.log) if line["event"] == "probes.served"]
    text = (await ask(served["port"], "/metrics")).body.decode()
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["dqx_worker_token_mints_total", "minted"] > 1
    assert found["dqx_worker_token_mints_total", "failed"] == 0
    assert 0 < found["dqx_worker_token_life_seconds",] <= _LIFE.total_seconds()


async def test_it_lets_an_idle_database_go_and_still_finds_the_next_request(site: Site) -> None:
    await sleeps(site, 1)
    await completes(site.backend)
    await sleeps(site, 2)
    assert "worker.awake" in names(events(site.log))


async def test_it_goes_on_after_its_database_died_while_it_slept(
    site: Site, own_server: Postgres
) -> None:
    await sleeps(site, 2)
    own_server.stop()

    async def noticed() -> bool:
        return names(events(site.log)).count("database.unavailable") > 0

    await until(noticed, "the worker notices that its database is away")
    own_server.start()
    await completes(site.backend)


async def test_its_log_says_where_it_is_logged_in_and_holds_no_secret(
    site: Site, workspace: Workspace, own_server: Postgres
) -> None:
    lines = events(site.log)
    (connected,) = [line for line in lines if line["event"] == "database.connected"]
    assert connected["url"] == (
        f"postgresql://{workspace.client_id}:****@127.0.0.1:{own_server.port}/lakebase"
    )
    assert "database.unverified" in names(lines)
    assert workspace.issuer.minted > 3
    secrets = [*workspace.secrets, own_server.password, site.backend.owner.password]
    assert leaked(secrets, site.log.read_bytes()) == []


async def test_the_search_would_find_one(workspace: Workspace) -> None:
    token = workspace.issuer.issued[-1]
    assert leaked([token], f"a line with {token[-59:-43]} in it".encode())
    assert not leaked([token], f"a line with {token[-59:-44]} in it".encode())
    assert leaked([token], f"postgresql://u:{token}@h".encode())
