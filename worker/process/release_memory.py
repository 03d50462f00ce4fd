"""Returns unused memory to the system while no run is in work."""

import ctypes
import math
from collections.abc import Callable

import anyio
import anyio.to_thread
import pyarrow as pa

from worker.attempt.work_in_progress import WorkInProgress

__all__ = ["release_memory"]

# Seconds.
_INTERVAL = 2.0


async def release_memory(
    work: WorkInProgress, last_work: Callable[[], float], interval: float = _INTERVAL
) -> None:
    """Check every `interval` until cancelled; return memory once, and again after new work.

    `last_work` returns when a run was last taken or ended, on the event loop's clock.
    """
    released = -math.inf
    while True:
        await anyio.sleep(interval)
        if not work.runs and last_work() > released:
            released = anyio.current_time()
            await anyio.to_thread.run_sync(_release)


def _release() -> None:
    """Return the memory that Arrow and the C allocator keep for later.

    Each thread has its own part of the heap. By itself, glibc returns no more than the end of one.
    """
    pa.default_memory_pool().release_unused()
    # Only glibc has it.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
