"""A profiler whose tables do what a test says, in real threads that are really interrupted."""

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar, cast

import anyio

from worker.counting.check import Check
from worker.profiling.results import Candidate, Evidence, TableProfile, Trial
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.rows_at_hand import RowsAtHand
from worker.sampling.sample import Sample
from worker.sampling.sample_facts import Counted, Counting, SampleFacts, Sampling
from worker.spark.fatal import Fatal
from worker.spark.profiling_threads import ProfilingThreads
from worker.tables.table_types import CatalogTable, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

T = TypeVar("T")
Act = Callable[[threading.Event], TableProfile]

_FACTS = SampleFacts(
    rows=10, of_rows=10, sampling=Sampling.WHOLE, fraction=None, limit=5000, seed=None
)


def no_rows(table: Table, facts: SampleFacts) -> Sample:
    """A sample of which nobody looks at a row."""
    return Sample(
        table=table,
        frame=cast("DataFrame", None),
        columns=1,
        skipped_columns={},
        facts=facts,
        counted=Counted(Counting.FETCHED),
        rows=None,
    )


def profiled(stopped: threading.Event) -> TableProfile:
    """A table of one column that gives one suggestion."""
    check = Check("is_not_null", {"column": "id"}, "id_is_null", "error")
    return TableProfile(
        table="t",
        columns=1,
        sample=_FACTS,
        counted=Counted(Counting.FETCHED),
        statistics={"id": {"count": 10}},
        profiles=1,
        candidates=(Candidate(check, "is_not_null", "id", None),),
        skipped_columns={},
    )


def raises(error: Exception) -> Act:
    """A table that raises."""

    def act(stopped: threading.Event) -> TableProfile:
        raise error

    return act


def until_interrupted(stopped: threading.Event) -> TableProfile:
    """A table that takes for ever, and obeys."""
    stopped.wait()
    raise InterruptedError


def until(event: threading.Event) -> Act:
    """A table that hears nothing until `event` is set."""

    def act(stopped: threading.Event) -> TableProfile:
        event.wait()
        return profiled(stopped)

    return act


class Scripted:
    """Tables by their physical names, each with what it does the first time, the second, …

    The last one is repeated.
    """

    def __init__(self, *, at_once: int = 4, stuck_limit: int = 4, **acts: list[Act]) -> None:
        self._fatal = Fatal()
        self._places = anyio.CapacityLimiter(at_once)
        self.threads = ProfilingThreads(at_once, stuck_limit, self._fatal)
        self._acts = acts
        self.samples = 0
        """How many samples are held now."""
        self.calls: list[str] = []
        self.interrupted: list[str] = []
        self.trials: Exception | None = None
        """What a trial of checks raises."""
        self.evidence: Callable[[Trial], Evidence] = lambda _: Evidence()
        """What becomes of a trial."""

    @property
    def places(self) -> anyio.CapacityLimiter:
        return self._places

    @property
    def fatal(self) -> Fatal:
        return self._fatal

    @property
    def stuck(self) -> int:
        return self.threads.stuck

    async def interrupt(self, tags: Sequence[str]) -> None:
        self.interrupted += tags

    @property
    def failure(self) -> str | None:
        return None

    @property
    def note(self) -> str | None:
        return None

    def hurry(self) -> None:
        self.threads.hurry()

    @asynccontextmanager
    async def sample(
        self, physical_name: str, tag: str, chosen: DqxOptions
    ) -> AsyncIterator[Sample]:
        self.samples += 1
        try:
            yield no_rows(CatalogTable((physical_name,)), _FACTS)
        finally:
            self.samples -= 1

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        assert isinstance(sample.table, CatalogTable)
        name = sample.table.parts[0]
        acts = self._acts[name]
        act = acts[min(self.calls.count(name), len(acts) - 1)]
        self.calls.append(name)
        return await self.threads.run(act, interrupt=lambda: self.interrupted.append(tag), tag=tag)

    async def fetch_rows(self, sample: Sample, tag: str) -> RowsAtHand:
        return RowsAtHand.of(sample)

    async def run(self, work: Callable[[], T], tag: str) -> T:
        return await self.threads.run(lambda _: work(), interrupt=lambda: None, tag=tag)

    async def gather_evidence(
        self, sample: Sample, trials: Sequence[Trial], tag: str
    ) -> Sequence[Evidence]:
        if self.trials is not None:
            raise self.trials
        return [self.evidence(trial) for trial in trials]
