"""A write that a cancellation has to wait for, for a moment."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import anyio.lowlevel

__all__ = ["LAST_MOMENT", "uninterrupted"]

T = TypeVar("T")

LAST_MOMENT = 4.5
"""Seconds that a last write has from a cancellation on: ten round trips of 400 ms. The grace period
of a process keeps more than that for it."""


async def uninterrupted(write: Callable[[], Awaitable[T]]) -> T:
    """Return what `write` returns. A cancellation ends it only after `LAST_MOMENT` seconds.

    Without a cancellation the write takes as long as it takes.
    """
    shield = anyio.CancelScope(shield=True)
    done: list[T] = []
    failure: Exception | None = None

    async def bound() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            shield.deadline = anyio.current_time() + LAST_MOMENT

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bound)
        with shield:
            try:
                done.append(await write())
            # Raised outside of the task group, which would put it into a group.
            except Exception as error:  # noqa: BLE001
                failure = error
        tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
    if not done:
        # The moment is over.
        await anyio.lowlevel.checkpoint_if_cancelled()
    return done[0]
