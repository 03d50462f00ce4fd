"""The face of the room: samples and profiles tables in threads, several at a time."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import anyio
import anyio.to_thread

from worker.profiling.engine import Engine
from worker.profiling.engines import make_engine
from worker.profiling.errors import TableError
from worker.profiling.options import ProfilingOptions
from worker.profiling.profile import TableProfile
from worker.profiling.resolve import resolve_table
from worker.profiling.sample import Sample, draw_sample
from worker.profiling.spark_errors import table_error
from worker.profiling.table import Table
from worker.profiling.threads import run_interruptible

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from worker.profiling.dqx import Dqx

__all__ = ["OpenProfiler", "Profiler", "TableProfiler"]

T = TypeVar("T")


class TableProfiler(Protocol):
    """Profiles a table in two steps, so that progress can be told. `tag` names the work."""

    def sample(self, physical_name: str, tag: str) -> AbstractAsyncContextManager[Sample]:
        """Draw the table's sample and hold it while the block runs."""
        ...

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        """Profile a sample."""
        ...


OpenProfiler = Callable[
    [ProfilingOptions, "WorkspaceClient"], AbstractAsyncContextManager[TableProfiler]
]


class Profiler:
    """Profiles a table in two steps, `sample` and `profile`, so that progress can be told.

    Every call runs under a tag of its caller's choice, by which it is interrupted on
    cancellation. Raises `TableError` where the table is at fault.
    """

    def __init__(self, options: ProfilingOptions, engine: Engine, dqx: "Dqx") -> None:
        self._options = options
        self._engine = engine
        self._dqx = dqx
        self._limiter = anyio.CapacityLimiter(options.at_once)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, options: ProfilingOptions, client: "WorkspaceClient"
    ) -> AsyncIterator[Self]:
        """Start the engine and DQX, which gets `client`, warm both, and stop the engine at the end.

        Raises `EngineError`.
        """
        engine = make_engine(options)

        def start() -> "Dqx":
            engine.start()
            from worker.profiling.dqx import Dqx

            return Dqx(client, engine)

        try:
            yield cls(options, engine, await anyio.to_thread.run_sync(start))
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(engine.stop)

    @asynccontextmanager
    async def sample(self, physical_name: str, tag: str) -> AsyncIterator[Sample]:
        """Draw the table's sample and hold it while the block runs."""
        table = await anyio.to_thread.run_sync(resolve_table, physical_name, self._options)

        sample = await self._run(
            lambda _: draw_sample(self._engine, table, self._options), table, tag
        )
        try:
            yield sample
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._engine.kind.release, sample.frame)

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        """Let DQX profile a sample."""
        return await self._run(
            lambda stopped: self._dqx.profile(sample, stopped), sample.table, tag
        )

    async def _run(self, work: Callable[[threading.Event], T], table: Table, tag: str) -> T:
        def tagged(stopped: threading.Event) -> T:
            with self._engine.kind.tagged(tag):
                try:
                    return work(stopped)
                except TableError:
                    raise
                # Spark raises a class for each condition, and Java's own errors beside them.
                except Exception as error:
                    raise table_error(table, error) from error

        return await run_interruptible(
            tagged, interrupt=lambda: self._engine.kind.interrupt(tag), limiter=self._limiter
        )
