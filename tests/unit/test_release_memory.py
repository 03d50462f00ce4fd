"""Memory that a worker gives back to the system."""

from uuid import uuid4

import anyio
import psutil
import pytest

from tests.support.waiting import until
from worker.attempt.work_in_progress import WorkInProgress
from worker.process.release_memory import release_memory

pytestmark = pytest.mark.anyio

_MB = 2**20


def _resident() -> float:
    return psutil.Process().memory_info().rss / _MB


def _used_and_left() -> list[bytes]:
    """Use 200 MB; what is returned of them keeps the heap from getting shorter."""
    return [b"x" * 100_000 for _ in range(2000)][::100]


async def test_memory_is_given_back_when_work_has_ended() -> None:
    work, last_work = WorkInProgress(), anyio.current_time()
    async with anyio.create_task_group() as tasks:
        with work.counting(uuid4()):
            tasks.start_soon(release_memory, work, lambda: last_work, 0.01)
            kept = [_used_and_left()]
            high = _resident()
            await anyio.sleep(0.1)
            assert _resident() > high - 50

        async def given_back() -> bool:
            return _resident() < high - 150

        await until(given_back, "memory is given back", seconds=10)

        kept.append(_used_and_left())
        last_work = anyio.current_time()
        await until(given_back, "memory is given back after the next run, too", seconds=10)
        tasks.cancel_scope.cancel()
    assert all(kept)
