"""Notifications: at most ten a second lead to anything, however many another program sends."""

from collections.abc import Awaitable, Callable

import anyio

__all__ = ["Notifications"]

# Seconds. Each look and each beat is a statement, and any role of the database may NOTIFY.
_PAUSE = 0.1


class Notifications:
    """The notifications of one channel. A pending one is a flag, so memory is bounded."""

    def __init__(self) -> None:
        self._arrived = anyio.Event()

    def arrived(self, *_: object) -> None:
        """Note a notification; this is the callback of the listening connection."""
        self._arrived.set()

    async def act_on(self, act: Callable[[], Awaitable[None]]) -> None:
        """Call `act` until cancelled: at once after a quiet time, else within 100 ms.

        All notifications that arrive within 100 ms of a call lead to one more call.
        """
        while True:
            await self._arrived.wait()
            self._arrived = anyio.Event()
            await act()
            await anyio.sleep(_PAUSE)
