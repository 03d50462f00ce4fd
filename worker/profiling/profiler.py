"""The face of the room: samples and profiles tables in threads, several at a time."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import anyio
import anyio.to_thread

from worker.profiling.breakdown import Breakdown, Cause
from worker.profiling.engines.engine import Engine
from worker.profiling.engines.make import make_engine
from worker.profiling.errors import TableError, TableUnavailable
from worker.profiling.options import ProfilingOptions
from worker.profiling.profile import TableProfile
from worker.profiling.resolve import resolve_table
from worker.profiling.sample import Sample, draw_sample
from worker.profiling.spark_errors import condition, table_error
from worker.profiling.table import Table
from worker.profiling.threads import ProfilingThreads
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from worker.profiling.dqx import Dqx

__all__ = ["OpenProfiler", "Profiler", "TableProfiler"]

log = get_logger(__name__)

T = TypeVar("T")

# Seconds for what may hang and has nobody who waits for it.
_STOP = 5.0


class TableProfiler(Protocol):
    """Profiles a table in two steps, so that progress can be told. `tag` names the work."""

    def sample(self, physical_name: str, tag: str) -> AbstractAsyncContextManager[Sample]:
        """Draw the table's sample and hold it while the block runs."""
        ...

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        """Profile a sample."""
        ...

    @property
    def breakdown(self) -> Breakdown:
        """What says that nothing more can be profiled in this process."""
        ...

    @property
    def stuck(self) -> int:
        """How many threads hang and were left behind: the process has to end without them."""
        ...

    def hurry(self) -> None:
        """Wait for interrupted threads for seconds only: the process is about to end."""
        ...


OpenProfiler = Callable[
    [ProfilingOptions, "WorkspaceClient"], AbstractAsyncContextManager[TableProfiler]
]


class Profiler:
    """Profiles a table in two steps, `sample` and `profile`, so that progress can be told.

    Every call runs under a tag of its caller's choice, by which it is interrupted on
    cancellation. Raises `TableError` where the table is at fault, and `TableUnavailable` where
    the cause may pass.
    """

    def __init__(self, options: ProfilingOptions, engine: Engine, dqx: "Dqx") -> None:
        self._options = options
        self._engine = engine
        self._dqx = dqx
        self._breakdown = Breakdown()
        self._threads = ProfilingThreads(options.at_once, options.stuck_limit, self._breakdown)

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

            return Dqx(client, engine, options.profiler)

        try:
            yield cls(options, engine, await anyio.to_thread.run_sync(start))
        finally:
            with anyio.move_on_after(_STOP, shield=True):
                await anyio.to_thread.run_sync(engine.stop, abandon_on_cancel=True)

    @property
    def breakdown(self) -> Breakdown:
        """What says that nothing more can be profiled in this process."""
        return self._breakdown

    @property
    def stuck(self) -> int:
        """How many threads hang and were left behind."""
        return self._threads.stuck

    def hurry(self) -> None:
        """Wait for interrupted threads for seconds only."""
        self._threads.hurry()

    @asynccontextmanager
    async def sample(self, physical_name: str, tag: str) -> AsyncIterator[Sample]:
        """Draw the table's sample and hold it while the block runs."""
        table = await anyio.to_thread.run_sync(resolve_table, physical_name, self._options)
        yield await self._run(lambda _: draw_sample(self._engine, table, self._options), table, tag)

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        """Let DQX profile a sample."""
        return await self._run(
            lambda stopped: self._dqx.profile(sample, stopped), sample.table, tag
        )

    async def _run(self, work: Callable[[threading.Event], T], table: Table, tag: str) -> T:
        def tagged(stopped: threading.Event) -> T:
            try:
                with self._engine.kind.tagged(tag):
                    return work(stopped)
            except TableError:
                raise
            # Spark raises a class for each condition, and Java's own errors beside them.
            except Exception as error:
                raise table_error(table, error) from error

        try:
            return await self._threads.run(tagged, interrupt=lambda: self._interrupt(tag), tag=tag)
        except TableUnavailable:
            if self._engine.lost:
                self._breakdown.tell(Cause.SESSION_LOST)
            raise

    def _interrupt(self, tag: str) -> None:
        try:
            self._engine.kind.interrupt(tag)
        # A session that is lost has nothing to interrupt; the thread sees that for itself.
        except Exception as error:  # noqa: BLE001
            log.debug(Event.INTERRUPTION_FAILED, tag=tag, error=condition(error))
