"""A Spark for tests in which no table is ever profiled to its end."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar, cast

import anyio

from worker.profiling.profiler import TableProfiler
from worker.profiling.results import Evidence, TableProfile, Trial
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.rows_at_hand import RowsAtHand
from worker.sampling.sample import Sample
from worker.spark.fatal import Fatal

__all__ = ["SlowSpark"]

T = TypeVar("T")


class SlowSpark:
    """Starts when it is let, and then draws a sample without end."""

    fatal = Fatal()
    stuck = 0
    failure: str | None = None
    note: str | None = "DQX 0.99.0 differs"

    def hurry(self) -> None:
        """Nothing of it hangs."""

    def __init__(self) -> None:
        self.places = anyio.CapacityLimiter(1)
        self.let = anyio.Event()
        self.sampling = anyio.Event()

    @asynccontextmanager
    async def opened(self, *_: object) -> AsyncIterator[TableProfiler]:
        await self.let.wait()
        yield self

    @asynccontextmanager
    async def sample(
        self, physical_name: str, tag: str, chosen: DqxOptions
    ) -> AsyncIterator[Sample]:
        self.sampling.set()
        await anyio.sleep_forever()
        yield cast("Sample", None)

    async def interrupt(self, tags: Sequence[str]) -> None:
        """Nothing of it runs on."""

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        raise NotImplementedError

    async def fetch_rows(self, sample: Sample, tag: str) -> RowsAtHand:
        raise NotImplementedError

    async def run(self, work: Callable[[], T], tag: str) -> T:
        raise NotImplementedError

    async def gather_evidence(
        self, sample: Sample, trials: Sequence[Trial], tag: str
    ) -> Sequence[Evidence]:
        raise NotImplementedError
