"""A profiler that is declared to be a stand-in: tables of known duration and known suggestions.

The names that it knows, as `physical_name` of a schema object:

- `stand_in.<milliseconds>.<columns>`: takes so long, and suggests one check for each column, which
  no other run suggests;
- `stand_in.repeats.<columns>`: the same at once, with the same checks in every run;
- `stand_in.fails`: can't be profiled;
- `stand_in.kills`: ends its process with SIGKILL, as a poisoned table would;
- `stand_in.blocks.<milliseconds>`: keeps the main loop busy for so long;
- `stand_in.hangs`: is stuck in a thread that no interruption reaches.

Any other name is a real table, for the real profiler, where the process was given one.
"""

import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import anyio

from tests.support.scripted_profiler import no_rows
from worker.counting.check import Check, Passed
from worker.process.background_profiler import BackgroundProfiler
from worker.profiling.options import ProfilingOptions
from worker.profiling.profiler import OpenProfiler, Profiler, TableProfiler
from worker.profiling.results import Candidate, Evidence, TableProfile, Trial
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.rows_at_hand import RowsAtHand
from worker.sampling.sample import Sample
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling
from worker.spark.fatal import Fatal
from worker.spark.profiling_threads import ProfilingThreads
from worker.tables.errors import TableError
from worker.tables.table_types import CatalogTable

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = [
    "FAILS",
    "HANGS",
    "KILLS",
    "blocking_name",
    "opener",
    "repeating_name",
    "stand_in_name",
]

T = TypeVar("T")
_PREFIX = "stand_in."
FAILS = f"{_PREFIX}fails"
KILLS = f"{_PREFIX}kills"
HANGS = f"{_PREFIX}hangs"
_BLOCKS = f"{_PREFIX}blocks."

_ROWS = 100
_FACTS = SampleFacts(
    rows=_ROWS, of_rows=_ROWS, sampling=Sampling.WHOLE, fraction=None, limit=5000, seed=None
)


def stand_in_name(milliseconds: int, columns: int) -> str:
    """Return the name of a table that takes so long and gives so many suggestions."""
    return f"{_PREFIX}{milliseconds}.{columns}"


def repeating_name(columns: int) -> str:
    """Return the name of a table that gives the same suggestions in every run."""
    return f"{_PREFIX}repeats.{columns}"


def blocking_name(milliseconds: int) -> str:
    """Return the name of a table that keeps the main loop busy for so long."""
    return f"{_BLOCKS}{milliseconds}"


def opener(*, dqx: bool) -> OpenProfiler:
    """Return what `run_worker` opens. With `dqx` Spark starts when a real table is first asked for.

    So a process that has met no real table is up in a second or two, as often as it is killed.
    """

    @asynccontextmanager
    async def opened(
        options: ProfilingOptions, client: "WorkspaceClient"
    ) -> AsyncIterator[StandInProfiler]:
        if not dqx:
            yield StandInProfiler(options, None)
            return
        async with (
            BackgroundProfiler(lambda: Profiler.open(options, client)).running() as late,
            anyio.create_task_group() as tasks,
        ):
            profiler = StandInProfiler(options, late)
            tasks.start_soon(profiler.break_down_with_the_real_one)
            yield profiler
            tasks.cancel_scope.cancel()

    return opened


class StandInProfiler:
    """Waits instead of profiling; hands the tables that it does not know to the real profiler."""

    def __init__(self, options: ProfilingOptions, real: BackgroundProfiler | None) -> None:
        self._fatal = Fatal()
        self._places = anyio.CapacityLimiter(options.tables_at_once)
        self._threads = ProfilingThreads(options.tables_at_once, options.stuck_threads, self._fatal)
        self._real = real
        self._opened = anyio.Event()

    @property
    def places(self) -> anyio.CapacityLimiter:
        """As many as tables may be worked on at once."""
        return self._places

    @property
    def fatal(self) -> Fatal:
        """What says that nothing more can be profiled in this process."""
        return self._fatal

    @property
    def stuck(self) -> int:
        """How many threads hang, of the stand-in's and of the real profiler's."""
        return self._threads.stuck + (self._real.stuck if self._real else 0)

    async def interrupt(self, tags: Sequence[str]) -> None:
        """Interrupt what the real profiler, where it was asked for, still does under `tags`."""
        if self._real is not None and self._opened.is_set():
            await (await self._real.profiler()).interrupt(tags)

    @property
    def failure(self) -> str | None:
        """Why the real profiler, where there is one, can profile nothing for now."""
        return self._real.failure if self._real else None

    @property
    def note(self) -> str | None:
        """Nothing: the real profiler, where there is one, is opened late."""
        return None

    def hurry(self) -> None:
        """Wait for interrupted threads for seconds only."""
        self._threads.hurry()
        if self._real is not None:
            self._real.hurry()

    def sample(
        self, physical_name: str, tag: str, chosen: DqxOptions
    ) -> AbstractAsyncContextManager[Sample]:
        """Hold what passes for a sample of a stand-in, or the real one of a real table."""
        if physical_name.startswith(_PREFIX):
            return _no_rows(physical_name)
        return self._real_sample(physical_name, tag, chosen)

    @asynccontextmanager
    async def _real_sample(
        self, physical_name: str, tag: str, chosen: DqxOptions
    ) -> AsyncIterator[Sample]:
        profiler = await self._real_profiler(physical_name)
        async with profiler.sample(physical_name, tag, chosen) as sample:
            yield sample

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        """Wait as long as the name says, in a thread that is interrupted like Spark's."""
        name = str(sample.table)
        if name.startswith(_PREFIX):
            return await self._threads.run(
                lambda stopped: _profile(name, tag, stopped), interrupt=lambda: None, tag=tag
            )
        return await (await self._real_profiler(name)).profile(sample, tag)

    async def fetch_rows(self, sample: Sample, tag: str) -> RowsAtHand:
        """Have the real profiler fetch rows of a real table."""
        name = str(sample.table)
        if name.startswith(_PREFIX):
            return RowsAtHand.of(sample)
        return await (await self._real_profiler(name)).fetch_rows(sample, tag)

    async def run(self, work: Callable[[], T], tag: str) -> T:
        """Run work of a table's in one of the stand-in's threads."""
        return await self._threads.run(lambda _: work(), interrupt=lambda: None, tag=tag)

    async def gather_evidence(
        self, sample: Sample, trials: Sequence[Trial], tag: str
    ) -> Sequence[Evidence]:
        """Have the real profiler try the checks of a real table; all rows of a stand-in pass."""
        name = str(sample.table)
        if name.startswith(_PREFIX):
            return [Evidence(Passed(_ROWS, _ROWS)) for _ in trials]
        return await (await self._real_profiler(name)).gather_evidence(sample, trials, tag)

    async def _real_profiler(self, physical_name: str) -> TableProfiler:
        if self._real is None:
            raise TableError(f"{physical_name} is a real table, and this worker has no DQX")
        profiler = await self._real.profiler()
        self._opened.set()
        return profiler

    async def break_down_with_the_real_one(self) -> None:
        """Tell of the breakdown of the real profiler as of one's own."""
        await self._opened.wait()
        if self._real is not None:
            broken = (await self._real.profiler()).fatal
            await broken.happened.wait()
            if broken.cause is not None:
                self._fatal.set(broken.cause)


@asynccontextmanager
async def _no_rows(physical_name: str) -> AsyncIterator[Sample]:
    if physical_name.startswith(_BLOCKS):
        time.sleep(int(physical_name.removeprefix(_BLOCKS)) / 1000)  # noqa: ASYNC251
    yield no_rows(CatalogTable(tuple(physical_name.split("."))), _FACTS)


def _profile(name: str, tag: str, stopped: threading.Event) -> TableProfile:
    if name == FAILS:
        raise TableError(f"{name} can't be profiled")
    if name == KILLS:
        os.kill(os.getpid(), signal.SIGKILL)
    if name == HANGS:
        while True:
            time.sleep(1)
    if name.startswith(_BLOCKS):
        name = stand_in_name(0, 1)
    duration, columns = name.removeprefix(_PREFIX).split(".")
    if not (repeats := duration == "repeats"):
        stopped.wait(int(duration) / 1000)
    names = [f"c{number}" for number in range(int(columns))]
    return TableProfile(
        table=name,
        columns=len(names),
        sample=_FACTS,
        counted=Counted(Counting.FETCHED),
        statistics={column: {"count": _ROWS, "count_null": 0} for column in names},
        profiles=len(names),
        candidates=tuple(_candidate(column, None if repeats else tag) for column in names),
        skipped_columns={},
    )


def _candidate(column: str, tag: str | None) -> Candidate:
    """A check; with the tag of a run one that no other run suggests, so nothing of it is known."""
    filter_ = f"'{tag.split()[1]}' <> ''" if tag else None
    return Candidate(
        Check("is_not_null", {"column": column}, f"{column}_is_null", "error", filter_),
        profile="is_not_null",
        column=column,
        description=None,
    )
