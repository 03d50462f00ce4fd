"""One call, measured: its time, its Spark jobs, and how much larger the process was meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import psutil

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["Cost", "measured"]

T = TypeVar("T")

_TICK = 0.002


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one call; `grown` is bytes of resident memory at most, beside those at its start."""

    seconds: float
    jobs: int
    grown: int


def measured(session: "SparkSession", call: Callable[[], T]) -> tuple[Cost, T]:
    """Return what a call costs, and its result."""
    context: Any = session.sparkContext
    group = str(uuid4())
    context.setJobGroup(group, group)
    with _watched() as largest:
        began = time.perf_counter()
        result = call()
        seconds = time.perf_counter() - began
    jobs = len(context.statusTracker().getJobIdsForGroup(group))
    return Cost(seconds, jobs, max(0, largest[-1] - largest[0])), result


@contextmanager
def _watched() -> Iterator[list[int]]:
    """Give the resident size at the start and, once the block has ended, the largest one."""
    process = psutil.Process()
    sizes = [process.memory_info().rss]
    sizes.append(sizes[0])
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_TICK):
            sizes[-1] = max(sizes[-1], process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield sizes
    finally:
        sizes[-1] = max(sizes[-1], process.memory_info().rss)
        done.set()
        thread.join()
