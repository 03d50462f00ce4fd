"""Waiting for a condition, with an end."""

import time
from collections.abc import Awaitable, Callable

import anyio


async def until(
    condition: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 60.0
) -> None:
    """Return when `condition` holds; fail with `what` when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        await anyio.sleep(0.05)
