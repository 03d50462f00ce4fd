"""How often a worker looks for requests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast
from uuid import uuid4

import anyio
import pytest

from tests.support.options import queue_options
from worker.database.pool import Database
from worker.process.health import Health
from worker.process.poller import Poller
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.run import Run
from worker.queue.wakeup import _IDLE_AFTER, Wakeup

pytestmark = pytest.mark.anyio


async def test_a_worker_that_finds_a_request_now_and_then_does_not_slow_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where it finds one at a time, and has a slot left: then its next look is in vain."""
    in_vain: list[int] = []

    class Recording(Wakeup):
        async def wait(self) -> None:
            await super().wait()
            in_vain.append(self._in_vain)

    async def enough() -> bool:
        return len(in_vain) == 3 * _IDLE_AFTER

    async def no_work(lease: Lease) -> None:
        """End at once."""

    none, wakeup = cast("Database", None), Recording(timedelta(0))
    poller = Poller(
        none,
        queue_options(),
        no_work,
        heartbeat=Heartbeat(none, queue_options(), "1", wakeup.wake),
        wakeup=wakeup,
        health=Health(),
    )
    looks = 0

    async def look() -> Sequence[Lease]:
        nonlocal looks
        looks += 1
        return [] if looks % 5 else [a_lease()]

    monkeypatch.setattr(poller, "_look", look)
    async with anyio.create_task_group() as runs:
        await poller.poll(runs, enough)
    assert max(in_vain) < _IDLE_AFTER


def a_lease() -> Lease:
    return Lease(
        run=Run(str(uuid4()), "c", None, None, timedelta(0)),
        attempt=1,
        token=uuid4(),
        database=cast("Database", None),
    )
