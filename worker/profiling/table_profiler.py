"""What an attempt at a run asks of profiling."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

import anyio

from worker.profiling.results import Evidence, TableProfile, Trial
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.rows_at_hand import RowsAtHand
from worker.sampling.sample import Sample
from worker.spark.fatal import Fatal

__all__ = ["TableProfiler"]

T = TypeVar("T")


class TableProfiler(Protocol):
    """Profiles a table in two steps, so that progress can be reported. `tag` names the work.

    A caller holds one of the `places` for as long as it works on a table, from before its clock
    starts: so few samples are held at a time, and no table's time includes waiting for another's.
    """

    @property
    def places(self) -> anyio.CapacityLimiter:
        """As many as tables may be worked on at once, over all runs."""
        ...

    def sample(
        self, physical_name: str, tag: str, chosen: DqxOptions
    ) -> AbstractAsyncContextManager[Sample]:
        """Draw the table's sample, as it is `chosen`, and hold it while the block runs."""
        ...

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        """Profile a sample."""
        ...

    async def gather_evidence(
        self, sample: Sample, trials: Sequence[Trial], tag: str
    ) -> Sequence[Evidence]:
        """Try checks on the sample's rows and on others; return the evidence for each."""
        ...

    async def fetch_rows(self, sample: Sample, tag: str) -> RowsAtHand:
        """Fetch the rows at which others than DQX may look, as many as may be held."""
        ...

    async def run(self, work: Callable[[], T], tag: str) -> T:
        """Run what takes long and needs no Spark in one of the threads for tables."""
        ...

    async def interrupt(self, tags: Sequence[str]) -> None:
        """Interrupt what still runs under `tags` of earlier work."""
        ...

    @property
    def fatal(self) -> Fatal:
        """What says that nothing more can be profiled in this process."""
        ...

    @property
    def stuck(self) -> int:
        """How many threads hang and were left behind: the process has to end without them."""
        ...

    @property
    def failure(self) -> str | None:
        """Why nothing can be profiled for now; None while it can."""
        ...

    @property
    def note(self) -> str | None:
        """What makes profiling slow in this process, as its start has shown; None if nothing."""
        ...

    def hurry(self) -> None:
        """Wait for interrupted threads for seconds only: the process is about to end."""
        ...
