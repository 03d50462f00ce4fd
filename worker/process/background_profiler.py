"""A profiler that opens beside other work, or when it is first asked for."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Self

import anyio

from worker.profiling.profiler import TableProfiler
from worker.spark import errors

__all__ = ["BackgroundProfiler"]


class BackgroundProfiler:
    """Opens the profiler in a task of its own.

    Spark's start can't be interrupted. A caller that waits for it here can be, and may write the
    end of a run before the start is over.
    """

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[TableProfiler]]) -> None:
        self._open = opened
        self._wanted = anyio.Event()
        self._opened = anyio.Event()
        self._profiler: TableProfiler | None = None
        self._error: Exception | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Be there to be asked while the block runs, then close what was opened."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._open_when_wanted)
            yield self
            tasks.cancel_scope.cancel()

    def begin(self) -> None:
        """Begin to open the profiler, which will be asked for."""
        self._wanted.set()

    async def profiler(self) -> TableProfiler:
        """Return the profiler, warm. Raises `EngineError`, and what else kept it from opening."""
        self.begin()
        await self._opened.wait()
        if self._profiler is None:
            raise self._error or errors.not_started()
        return self._profiler

    @property
    def is_open(self) -> bool:
        """Whether the profiler is there, warm."""
        return self._profiler is not None

    @property
    def is_opening(self) -> bool:
        """Whether the profiler was asked for and is not there yet: nothing is being profiled."""
        return self._wanted.is_set() and not self._opened.is_set()

    @property
    def stuck(self) -> int:
        """How many threads hang and were left behind."""
        return self._profiler.stuck if self._profiler else 0

    @property
    def tables_in_work(self) -> int:
        """How many tables are being profiled."""
        return self._profiler.places.borrowed_tokens if self._profiler else 0

    @property
    def failure(self) -> str | None:
        """Why nothing can be profiled for now; None while it can, or was not asked for."""
        return self._profiler.failure if self._profiler else None

    def hurry(self) -> None:
        """Wait for interrupted threads for seconds only."""
        if self._profiler:
            self._profiler.hurry()

    async def _open_when_wanted(self) -> None:
        await self._wanted.wait()
        try:
            async with self._open() as profiler:
                self._profiler = profiler
                self._opened.set()
                await anyio.sleep_forever()
        # The caller gets the error elsewhere; raised here, it would look like a cancellation.
        except Exception as error:  # noqa: BLE001
            self._error = error
            self._opened.set()
