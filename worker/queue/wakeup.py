"""When to look for requests: at once after a notification, else at a jittered interval."""

import random
from datetime import timedelta

import anyio

__all__ = ["Wakeup"]

_JITTER = 0.2
_IDLE_AFTER = 30
_IDLE_FACTOR = 3


class Wakeup:
    """Waits between two looks; after thirty without a request the interval is three times as long.

    A call of `wake` that comes while a look is under way is kept for the next wait.
    """

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval.total_seconds()
        self._event = anyio.Event()
        self._in_vain = 0

    def wake(self) -> None:
        """End the present wait, or the next one."""
        self._event.set()

    def begin_look(self) -> None:
        """Forget earlier calls of `wake`; call it before the look, not after."""
        if self._event.is_set():
            self._event = anyio.Event()

    def found(self) -> None:
        """Say that a look found a request."""
        self._in_vain = 0

    async def wait(self) -> None:
        """Wait for a call of `wake` or the next look."""
        self._in_vain += 1
        factor = _IDLE_FACTOR if self._in_vain > _IDLE_AFTER else 1
        with anyio.move_on_after(
            self._interval * factor * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
        ):
            await self._event.wait()
