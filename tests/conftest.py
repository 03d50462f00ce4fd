"""A real Postgres and a real Spark for the whole session, a database for each test."""

import contextlib
import functools
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from deploy.sandbox.backend import Backend
from deploy.sandbox.postgres import Postgres
from tests.support.databases import copy_backend
from tests.support.options import database_options, password_of
from worker.database.migrate import migrate
from worker.database.pool import Database

if TYPE_CHECKING:
    from worker.spark.engines.local import LocalEngine

_numbers = count(1)

# A process of xdist has a main module without a file, which pyspark takes for a doctest of its own
# and ends (pyspark 4.3, sql/connect/utils.py).
vars(sys.modules["__main__"]).setdefault("__file__", str(Path(__file__).with_name("__init__.py")))

# A job in the background of a script ignores SIGINT, and so would every process of the tests.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same cases every time, and none that fails because the machine is busy.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Postgres]:
    with Postgres.running(tmp_path_factory.mktemp("postgres")) as running:
        # A database is some 8 MB in 300 files, and pytest would keep those of three sessions. A
        # busy disk may need longer for all of them than the last test may take.
        pytestconfig.add_cleanup(functools.partial(_remove, running.home))
        yield running


def _remove(folder: Path) -> None:
    """Remove a folder, from which a server that still ends may remove files, too."""
    while folder.exists():
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)


@pytest.fixture
async def backend(server: Postgres, request: pytest.FixtureRequest) -> Backend:
    """A database with the backend's tables, and the worker's where the test asks for `database`."""
    migrated = "database" in request.fixturenames
    return await copy_backend(server, f"test{next(_numbers)}", migrated=migrated)


@pytest.fixture
async def database(backend: Backend) -> AsyncIterator[Database]:
    """The worker's pool on a database that is migrated."""
    options = database_options(backend.worker)
    await migrate(options, password_of(backend.worker))
    async with Database.open(options, password_of(backend.worker)) as opened:
        yield opened


@pytest.fixture(scope="module")
def tables_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root below which a module's tables lie."""
    return tmp_path_factory.mktemp("tables")


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator["LocalEngine"]:
    """The Spark of all tests that use one in their own process: a start takes seconds."""
    from tests.profiling.conftest import options
    from tests.support import jvm
    from worker.spark.engines.local import LocalEngine

    with pytest.MonkeyPatch.context() as environment:
        for name, value in jvm.sooner().items():
            environment.setenv(name, value)
        started = LocalEngine(options(tmp_path_factory.mktemp("engine")))
        started.start()
    # Nobody reads the text of the plans, which are long.
    started.session.conf.set("spark.sql.maxPlanStringLength", "0")
    started.session.conf.set("spark.sql.ui.explainMode", "simple")
    try:
        yield started
    finally:
        started.stop()
