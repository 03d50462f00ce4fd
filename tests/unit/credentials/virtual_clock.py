"""Time that passes when a test says so."""

import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

import anyio
import anyio.lowlevel

START = datetime(2026, 1, 1, tzinfo=UTC)


# Turns of the event loop after which every task here waits for time or for another task.
_TURNS = 50


async def settle() -> None:
    """Let every task run until it waits: anyio's own way of that takes a tenth of a second."""
    for _ in range(_TURNS):
        await anyio.lowlevel.checkpoint()


class VirtualClock:
    """Both clocks of the cache; `ahead` is by how much the wall clock is wrong."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self.ahead = ahead
        self._seconds = 0.0
        self._alarms: list[tuple[float, int, anyio.Event]] = []
        self._numbers = count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds) + self.ahead

    def monotonic(self) -> float:
        return self._seconds

    async def wait(self, event: anyio.Event, seconds: float) -> None:
        alarm = anyio.Event()
        heapq.heappush(self._alarms, (self._seconds + seconds, next(self._numbers), alarm))

        async def ring() -> None:
            await event.wait()
            alarm.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ring)
            await alarm.wait()
            tasks.cancel_scope.cancel()

    async def sleep(self, seconds: float) -> None:
        await self.wait(anyio.Event(), seconds)

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass; whoever waits for a moment among them goes on at that moment."""
        await settle()
        end = self._seconds + seconds
        while self._alarms and self._alarms[0][0] <= end:
            at, _, alarm = heapq.heappop(self._alarms)
            self._seconds = max(self._seconds, at)
            alarm.set()
            await settle()
        self._seconds = end
