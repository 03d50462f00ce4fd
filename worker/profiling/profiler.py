"""The face of the room: samples and profiles tables in threads, several at a time."""

import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import anyio
import anyio.to_thread

from worker.profiling.options import ProfilingOptions
from worker.profiling.results import Evidence, TableProfile, Trial
from worker.profiling.start_dqx import start_dqx
from worker.profiling.table_profiler import TableProfiler
from worker.sampling.comparison_result import NOT_COMPARED, Verdict
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.masks import hidden_in
from worker.sampling.rows_at_hand import RowsAtHand, fetch_rows
from worker.sampling.sample import Sample, draw_sample
from worker.spark.engine import Engine
from worker.spark.engine_choice import make_engine
from worker.spark.error_conditions import condition, session_replaced, table_error
from worker.spark.fatal import Cause, Fatal
from worker.spark.left_tasks import LeftTasks
from worker.spark.per_session import PerSession
from worker.spark.profiling_threads import ProfilingThreads
from worker.tables.csv_files.readable import needs_folder, readable
from worker.tables.errors import TableError
from worker.tables.resolve_name import resolve_table
from worker.tables.table_types import Table
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.workspace.sdk_threads import CallThreads

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from worker.profiling.dqx import Dqx

__all__ = ["OpenProfiler", "Profiler", "TableProfiler"]

log = get_logger(__name__)

T = TypeVar("T")

# Seconds for what may hang and has nobody who waits for it.
_STOP = 5.0
_STOP_AMID_START = 0.5
_INTERRUPT = 5.0
_LONGEST_START = timedelta(days=1)
_ALL_DEFAULTS = DqxOptions()
# Seconds between two looks at the session.
_LOOK = 0.5


OpenProfiler = Callable[
    [ProfilingOptions, "WorkspaceClient"], AbstractAsyncContextManager[TableProfiler]
]


@asynccontextmanager
async def _folder_for(table: Table) -> AsyncIterator[Path | None]:
    """Make a folder for what is made of the table, if anything is, and remove it at the end."""
    if not needs_folder(table):
        yield None
        return
    made = await anyio.to_thread.run_sync(
        partial(tempfile.TemporaryDirectory, prefix="dqx-worker-csv-", ignore_cleanup_errors=True)
    )
    try:
        yield Path(made.name)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(made.cleanup)


class Profiler:
    """Profiles a table in two steps, `sample` and `profile`, so that progress can be told.

    Every call runs under a tag of its caller's choice, by which it is interrupted on
    cancellation. Raises `TableError` where the table is at fault, and `TableUnavailable` where
    the cause may pass.
    """

    def __init__(
        self,
        options: ProfilingOptions,
        engine: Engine,
        dqx: "PerSession[Dqx]",
        verdict: Verdict = NOT_COMPARED,
    ) -> None:
        self._options = options
        self._verdict = verdict
        self._engine = engine
        self._dqx_of_session = dqx
        self._fatal = Fatal()
        self._places = anyio.CapacityLimiter(options.tables_at_once)
        self._threads = ProfilingThreads(options.tables_at_once, options.stuck_threads, self._fatal)
        self._left_tasks = LeftTasks(engine, options.kill_timeout)
        self._calls = count(1)
        self._last_used = time.monotonic()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, options: ProfilingOptions, client: "WorkspaceClient"
    ) -> AsyncIterator[Self]:
        """Start the engine and DQX, which gets `client`, warm both, and stop the engine at the end.

        A DQX, a Spark or a builder that is not verified is compared with the worker's counts.
        Raises `EngineError`.
        """
        engine = make_engine(options)
        patience = _STOP_AMID_START
        try:
            # A thread that nobody has to wait for: the process may have to end meanwhile.
            dqx, verdict = await CallThreads(1, _LONGEST_START, str(options.engine)).call(
                lambda: start_dqx(engine, client, options)
            )
            patience = _STOP
            profiler = cls(options, engine, dqx, verdict)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(profiler._keep_session)
                tasks.start_soon(profiler._left_tasks.watch)
                yield profiler
                tasks.cancel_scope.cancel()
        finally:
            with anyio.move_on_after(patience, shield=True):
                await anyio.to_thread.run_sync(engine.stop, abandon_on_cancel=True)

    @property
    def places(self) -> anyio.CapacityLimiter:
        """As many as tables may be worked on at once, over all runs."""
        return self._places

    @property
    def fatal(self) -> Fatal:
        """What says that nothing more can be profiled in this process."""
        return self._fatal

    @property
    def stuck(self) -> int:
        """How many threads hang and were left behind."""
        return self._threads.stuck

    @property
    def failure(self) -> str | None:
        """Why there is no Spark session now; None while there is one."""
        return self._engine.failure

    @property
    def note(self) -> str | None:
        """What makes profiling slow in this process, as its start has shown; None if nothing."""
        return self._verdict.note

    def hurry(self) -> None:
        """Wait for interrupted threads for seconds only."""
        self._threads.hurry()

    @asynccontextmanager
    async def sample(
        self, physical_name: str, tag: str, chosen: DqxOptions = _ALL_DEFAULTS
    ) -> AsyncIterator[Sample]:
        """Draw the table's sample, as it is `chosen`, and hold it while the block runs."""
        # Its file system may hang, as Spark may: it is left behind in the same way.
        table = await self._threads.run(
            lambda stopped: resolve_table(physical_name, self._options, stopped),
            interrupt=lambda: None,
            tag=tag,
        )
        async with _folder_for(table) as folder:

            def drawn(stopped: threading.Event) -> Sample:
                read, facts = readable(table, folder, self._options.csv_nulls, stopped)
                sample = draw_sample(self._engine, read, self._options, chosen, self._verdict)
                if stopped.is_set():
                    sample.release()
                return sample if facts is None else replace(sample, file=facts)

            sample = await self._run(drawn, table, tag)
            try:
                yield sample
            finally:
                # A session that hangs is replaced, and what it keeps ends with it.
                with anyio.move_on_after(_INTERRUPT, shield=True):
                    await anyio.to_thread.run_sync(sample.release, abandon_on_cancel=True)

    async def profile(self, sample: Sample, tag: str) -> TableProfile:
        """Let DQX profile a sample."""

        def profiled(stopped: threading.Event) -> TableProfile:
            hidden = hidden_in(self._engine.session, self._options.engine, sample.table)
            return replace(self._dqx.profile(sample, stopped), hidden=hidden)

        return await self._run(profiled, sample.table, tag)

    async def gather_evidence(
        self, sample: Sample, trials: Sequence[Trial], tag: str
    ) -> Sequence[Evidence]:
        """Try checks on the sample's rows and on others."""

        def tried(_: threading.Event) -> Sequence[Evidence]:
            # Imports DQX.
            from worker.profiling.evidence import gather_evidence

            return gather_evidence(sample, trials, self._options.sample_bytes)

        return await self._run(tried, sample.table, tag)

    async def fetch_rows(self, sample: Sample, tag: str) -> RowsAtHand:
        """Fetch the rows at which others than DQX may look."""
        return await self._run(
            lambda _: fetch_rows(sample, self._options.sample_bytes), sample.table, tag
        )

    async def run(self, work: Callable[[], T], tag: str) -> T:
        """Run what needs no Spark in one of the threads for tables."""
        return await self._threads.run(lambda _: work(), interrupt=lambda: None, tag=tag)

    @property
    def _dqx(self) -> "Dqx":
        """DQX on the session that there is now; for threads, as it may have to be made."""
        return self._dqx_of_session.get()

    async def interrupt(self, tags: Sequence[str]) -> None:
        """Interrupt what still runs under `tags` in this session.

        What a worker that died has left in its own session its server ends: it alone knows of it.
        """

        def interrupt() -> None:
            for tag in tags:
                self._interrupt(tag)

        with anyio.move_on_after(_INTERRUPT):
            await anyio.to_thread.run_sync(interrupt, abandon_on_cancel=True)

    async def _run(self, work: Callable[[threading.Event], T], table: Table, tag: str) -> T:
        # A retry has the same tag, and is another call.
        call = f"{tag} {next(self._calls)}"
        sessions: list[int] = []

        def tagged(stopped: threading.Event) -> T:
            generation = self._engine.generation
            sessions.append(generation)
            try:
                with self._engine.kind.tagged(tag, call):
                    return work(stopped)
            except TableError:
                raise
            # Spark raises a class for each condition, and Java's own errors beside them.
            except Exception as error:
                # After an interruption any error is its doing.
                if not stopped.is_set() and self._engine.recover(generation, error, stopped):
                    raise session_replaced(table, error) from error
                raise table_error(table, error) from error

        try:
            return await self._threads.run(tagged, interrupt=lambda: self._interrupt(tag), tag=tag)
        # It was cancelled, or one task failed and Spark interrupts the others.
        except BaseException:
            for session in sessions:
                self._left_tasks.follow(call, session)
            raise
        finally:
            self._last_used = time.monotonic()
            self._look_for_fatal()

    async def _keep_session(self) -> None:
        """Ask a session that nobody uses something, and replace a lost one, before it is needed."""
        patience = self._options.keep_session.total_seconds()
        while not self._engine.broken:
            await anyio.sleep(_LOOK)
            idle = time.monotonic() - self._last_used
            if self._engine.failure is None and not 0 < patience < idle:
                continue
            await anyio.to_thread.run_sync(self._engine.renew, abandon_on_cancel=True)
            self._last_used = time.monotonic()
            self._look_for_fatal()

    def _look_for_fatal(self) -> None:
        if self._engine.broken:
            self._fatal.set(Cause.SESSION_LOST)

    def _interrupt(self, tag: str) -> None:
        try:
            self._engine.kind.interrupt(tag)
        # A session that is lost has nothing to interrupt; the thread sees that for itself.
        except Exception as error:  # noqa: BLE001
            log.debug(Event.INTERRUPTION_FAILED, tag=tag, error=condition(error))
