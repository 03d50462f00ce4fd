"""A real server, and the engine whose extra is installed here: `connect` or `databricks`."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from tests.connect.server import ConnectServer
from tests.profiling.conftest import options
from tests.support.waiting import until
from worker.profiling.profiler import Profiler
from worker.sampling.options import ProfilerChoice
from worker.spark.engine_kind import EngineKind
from worker.spark.installed_extra import installed_engine
from worker.workspace.clients import dqx_client
from worker.workspace.options import WorkspaceOptions

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

ENGINE = installed_engine()
COLUMNS = 12

if ENGINE is EngineKind.LOCAL:
    collect_ignore_glob = ["test_*.py"]


async def up(server: ConnectServer) -> None:
    """Wait until the server takes connections."""

    async def listens() -> bool:
        return server.listens

    await until(listens, "the Spark Connect server listens", seconds=90)


@pytest.fixture(scope="session")
async def connect_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ConnectServer]:
    """A server with two tables, which every test leaves running."""
    home = tmp_path_factory.mktemp("connect")
    # Seconds instead of minutes: what a worker that died has left is ended soon.
    settings = {
        "spark_connect_execute_manager_detachedTimeout": "3s",
        "spark_connect_execute_manager_maintenanceInterval": "1s",
        "spark_connect_execute_reattachable_senderMaxStreamDuration": "4s",
    }
    with ConnectServer.running(home, **settings) as running:
        await up(running)
        with session(running.url) as spark:
            spark.sql("CREATE DATABASE shop")
            columns = [f"id + {number} AS c{number}" for number in range(COLUMNS)]
            spark.range(100).selectExpr(*columns).write.saveAsTable("shop.wide")
            spark.sql("CREATE VIEW shop.hours AS SELECT sqrt(id) AS root FROM range(1000000000000)")
            spark.range(7).write.saveAsTable("shop.orders")
        # The first answer of its web interface takes long.
        running.running_jobs()
        yield running


@contextmanager
def session(url: str, session_id: str | None = None) -> Iterator["SparkSession"]:
    """Open a session that is not the worker's, or join the worker's own by its id."""
    from pyspark.sql.connect.session import SparkSession

    joined = f"/;session_id={session_id}" if session_id else ""
    spark = SparkSession(url + joined)
    try:
        yield spark
    finally:
        spark.client.close()


def id_of(profiler: Profiler) -> str:
    """Return the id of the worker's session, by which anybody can join it."""
    return str(profiler._engine.session._session_id)  # type: ignore[attr-defined]


Open = AbstractAsyncContextManager[Profiler]


@asynccontextmanager
async def opened(server: ConnectServer, **changes: Any) -> AsyncIterator[Profiler]:
    """Open a profiler on the server."""
    named: dict[str, Any] = {
        "engine": ENGINE,
        "remote": SecretStr(server.url),
        "keep_session": timedelta(0),
        # As the settings have it for an engine on another machine.
        "files": False,
    }
    given = options(Path("/"), **(named | changes))
    async with Profiler.open(given, dqx_client(WorkspaceOptions())) as profiler:
        yield profiler


@pytest.fixture
async def profiler(connect_server: ConnectServer) -> AsyncIterator[Profiler]:
    async with opened(connect_server) as profiler:
        yield profiler


@pytest.fixture
async def at_length(connect_server: ConnectServer) -> AsyncIterator[Profiler]:
    """A profiler whose tables can be met at work: stock DQX takes seconds for one."""
    async with opened(connect_server, profiler=ProfilerChoice.STOCK) as profiler:
        yield profiler
