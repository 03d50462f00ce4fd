"""Calls of the SDK, which block, in threads that can be left behind.

The SDK's request for an OAuth token has no timeout (databricks-sdk 0.156, oauth.py): a thread in
it may never come back. anyio's threads are waited for when the process ends; these are not.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel

from worker.workspace import errors

__all__ = ["CallThreads", "calls_under_way"]

T = TypeVar("T")

_NAME = "workspace call"
_LOST_AFTER = timedelta(minutes=10).total_seconds()


def calls_under_way() -> bool:
    """Return whether threads of such calls are at work in this process."""
    return any(thread.name == _NAME for thread in threading.enumerate())


class CallThreads:
    """At most `limit` calls at once, each in a thread of its own, each with a deadline.

    A call past its deadline is left behind. It takes a place until it comes back; after ten
    minutes its place is free again, so that a hang that never ends does not end everything.
    """

    def __init__(self, limit: int, deadline: timedelta, place: str) -> None:
        self._limit = limit
        self._deadline = deadline.total_seconds()
        self._place = place
        self._under_way: dict[threading.Thread, float] = {}

    async def call(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread and return what it returns.

        Raises what `work` raises, and `WorkspaceUnavailable` when it is not back in time or
        when too many earlier ones are not.
        """
        oldest = time.monotonic() - _LOST_AFTER
        if sum(begun > oldest for begun in list(self._under_way.values())) >= self._limit:
            raise errors.calls_hang(self._limit)
        call = _Call(work, anyio.lowlevel.current_token())
        thread = threading.Thread(target=call.run, args=(self._forget,), name=_NAME, daemon=True)
        self._under_way[thread] = time.monotonic()
        thread.start()
        with anyio.move_on_after(self._deadline):
            await call.back.wait()
        if not call.back.is_set():
            raise errors.no_answer(self._place)
        return call.outcome()

    def _forget(self) -> None:
        self._under_way.pop(threading.current_thread(), None)


class _Call(Generic[T]):
    """One call: what it does, and how it ended."""

    def __init__(self, work: Callable[[], T], token: anyio.lowlevel.EventLoopToken) -> None:
        self._work = work
        self._token = token
        self._result: list[T] = []
        self._error: BaseException | None = None
        self.back = anyio.Event()

    def run(self, forget: Callable[[], None]) -> None:
        """Do the work and wake the event loop, if that still runs."""
        try:
            self._result.append(self._work())
        except BaseException as error:  # noqa: BLE001
            self._error = error
        forget()
        with contextlib.suppress(anyio.RunFinishedError):
            anyio.from_thread.run_sync(self.back.set, token=self._token)

    def outcome(self) -> T:
        """Return the result or raise the error."""
        if self._error is not None:
            raise self._error
        return self._result[0]
