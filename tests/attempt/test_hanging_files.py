"""A file system that hangs costs its own table alone, as a hanging Spark does."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import anyio
import pytest

from deploy.sandbox.backend import Backend
from tests.attempt.conftest import QUICK, Request, attempts, in_state, taken, working
from tests.profiling.conftest import options
from tests.queue.conftest import states_of
from tests.support.hanging import hanging_folder
from tests.support.options import LEDGER
from tests.support.runs import row
from tests.support.scripted_profiler import Scripted, profiled
from tests.support.waiting import until
from worker.attempt.outcome import Ended, Outcome, TakenAway
from worker.database.pool import Database
from worker.profiling.profiler import Profiler
from worker.runs.cancel import cancel
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.sample import Sample
from worker.spark import profiling_threads
from worker.spark.engines.local import LocalEngine
from worker.spark.per_session import PerSession

pytestmark = pytest.mark.anyio

HANGS = "hangs/a.parquet"


class Mixed(Scripted):
    """Looks for paths as the real profiler does; its other tables are scripted."""

    def __init__(self, root: Path) -> None:
        super().__init__(a=[profiled])
        # Of Spark nothing is asked before a table is found: the engine is not started.
        chosen = options(root, tables_at_once=1)
        engine = LocalEngine(chosen)
        self.real = Profiler(chosen, engine, PerSession(engine, _no_dqx))
        self.engine = engine

    @property
    def stuck(self) -> int:
        return self.real.stuck

    @asynccontextmanager
    async def sample(
        self, physical_name: str, tag: str, chosen: DqxOptions
    ) -> AsyncIterator[Sample]:
        held = super().sample(physical_name, tag, chosen)
        if "/" in physical_name:
            held = self.real.sample(physical_name, tag, chosen)
        async with held as sample:
            yield sample


def _no_dqx() -> NoReturn:
    raise AssertionError("no table is found here")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A root with a folder that hangs, until the test ends; its threads count as stuck soon."""
    monkeypatch.setattr(profiling_threads, "_PATIENCE", 0.2)
    with hanging_folder(tmp_path / "hangs"):
        yield tmp_path


@pytest.fixture
async def profiler(root: Path) -> AsyncIterator[Mixed]:
    mixed = Mixed(root)
    yield mixed
    mixed.engine.stop()


@asynccontextmanager
async def soon() -> AsyncIterator[None]:
    with anyio.fail_after(10):
        yield


async def test_a_file_system_that_hangs_holds_its_table_up_to_its_deadline_and_no_other_table(
    database: Database, backend: Backend, request_tables: Request, profiler: Mixed
) -> None:
    run_id = await request_tables("a", HANGS)
    limited = attempts(profiler, table_deadline=timedelta(seconds=2))
    async with soon():
        outcome = await limited.work(await taken(database))
    reported = f"table {HANGS} was not profiled within 2 s (DQX_WORKER_TABLE_DEADLINE)"
    assert isinstance(outcome, Ended)
    assert reported in (await row(backend, run_id))["error_message"]
    assert await states_of(database, run_id) == {"a": "completed", HANGS: "failed"}
    # Another try would cost another thread.
    assert profiler.stuck == 1


async def test_a_cancel_does_not_wait_for_a_file_system_that_hangs(
    database: Database, backend: Backend, request_tables: Request, profiler: Mixed
) -> None:
    run_id = await request_tables("a", HANGS)
    done: list[Outcome] = []
    async with soon(), working(attempts(profiler), await taken(database), done):
        await in_state(database, run_id, {"a": "completed", HANGS: "sampling"})
        await cancel(database, QUICK, LEDGER, run_id, "Cancelled by ann: enough")
    assert done == [TakenAway("Cancelled by ann: enough")]
    assert (await row(backend, run_id))["status"] == "failed"
    assert profiler.stuck == 1


async def test_a_thread_that_is_back_from_a_file_system_does_not_count_as_stuck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiling_threads, "_PATIENCE", 0.2)
    with hanging_folder(tmp_path / "hangs") as release:
        profiler = Mixed(tmp_path)
        async with soon():
            with anyio.move_on_after(0.2):
                async with profiler.real.sample(HANGS, "t"):
                    raise AssertionError("it was found")
        assert profiler.stuck == 1
        release()

        async def back() -> bool:
            return profiler.stuck == 0

        await until(back, "the thread is back", seconds=10)
        profiler.engine.stop()
