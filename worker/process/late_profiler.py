"""A profiler whose engine starts when it is first asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

import anyio

from worker.profiling import errors
from worker.profiling.options import ProfilingOptions
from worker.profiling.profiler import Profiler

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["LateProfiler"]


class LateProfiler:
    """Opens the profiler in a task of its own.

    Spark's start can't be interrupted; whoever waits for it here can, and may write the end of a
    run before the start is over.
    """

    def __init__(self, options: ProfilingOptions, client: "WorkspaceClient") -> None:
        self._options = options
        self._client = client
        self._wanted = anyio.Event()
        self._opened = anyio.Event()
        self._outcome: Profiler | Exception | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Be there to be asked while the block runs, then close what was opened."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._open_when_wanted)
            yield self
            tasks.cancel_scope.cancel()

    async def profiler(self) -> Profiler:
        """Return the profiler, warm. Raises `EngineError`, and what else kept it from opening."""
        self._wanted.set()
        await self._opened.wait()
        if isinstance(self._outcome, Profiler):
            return self._outcome
        raise self._outcome or errors.not_started()

    @property
    def stuck(self) -> int:
        """How many threads hang and were left behind."""
        return self._outcome.stuck if isinstance(self._outcome, Profiler) else 0

    @property
    def failure(self) -> str | None:
        """Why nothing can be profiled for now; None while it can, or was not asked for."""
        return self._outcome.failure if isinstance(self._outcome, Profiler) else None

    def hurry(self) -> None:
        """Wait for interrupted threads for seconds only."""
        if isinstance(self._outcome, Profiler):
            self._outcome.hurry()

    async def _open_when_wanted(self) -> None:
        await self._wanted.wait()
        try:
            async with Profiler.open(self._options, self._client) as profiler:
                self._outcome = profiler
                self._opened.set()
                await anyio.sleep_forever()
        # Whoever asked for it is told; an error here would look to them like a cancellation.
        except Exception as error:  # noqa: BLE001
            self._outcome = error
            self._opened.set()
