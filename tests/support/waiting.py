"""Waiting for a condition, with an end."""

import time
from collections.abc import Awaitable, Callable

import anyio


async def until(
    condition: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 60.0
) -> None:
    """Return when `condition` holds; fail with `what` when it does not within `seconds`.

    What takes longer than a second is asked for less often: most conditions log in to ask.
    """
    began = time.monotonic()
    while not await condition():
        waited = time.monotonic() - began
        if waited > seconds:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        await anyio.sleep(0.05 if waited < 1 else 0.1)
