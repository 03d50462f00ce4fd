"""Calls of the SDK in threads: those that hang are left behind, and are not too many."""

import threading
from datetime import timedelta

import pytest

from tests.support.waiting import until
from worker.workspace import sdk_threads as threads
from worker.workspace.errors import WorkspaceUnavailable
from worker.workspace.sdk_threads import CallThreads, calls_under_way

pytestmark = pytest.mark.anyio

SOON = timedelta(milliseconds=50)


async def test_calls_that_hang_take_a_place_until_they_are_back_or_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def are_back() -> bool:
        return not calls_under_way()

    calls = CallThreads(2, SOON, "the workspace")
    back = threading.Event()
    try:
        for _ in range(2):
            with pytest.raises(WorkspaceUnavailable, match="before the deadline"):
                await calls.call(back.wait)
        # The process does not wait for them at its end.
        hanging = [one for one in threading.enumerate() if one.name == threads._NAME]
        assert [one.daemon for one in hanging] == [True, True]
        with pytest.raises(WorkspaceUnavailable, match="2"):
            await calls.call(lambda: None)
        with monkeypatch.context() as patched:
            patched.setattr(threads, "_LOST_AFTER", 0.0)
            assert await calls.call(lambda: "later") == "later"
    finally:
        back.set()
    await until(are_back, "the calls are back", seconds=10)
    assert await calls.call(lambda: "again") == "again"


async def test_what_a_call_raises_is_raised() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await CallThreads(1, timedelta(seconds=10), "the workspace").call(fail)
