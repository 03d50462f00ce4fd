"""How much work Spark was given.

An action is a query of Spark SQL that ran at least one job: what is over rows that Spark has at
hand, as the text of a few numbers, runs none.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyspark.sql import SparkSession

__all__ = ["Work", "watched"]

_TIMEOUT = 30.0
_TICK = 0.01


@dataclass(slots=True)
class Work:
    """What was run while a block ran; known after it."""

    actions: int = 0
    jobs: int = 0
    """Of those actions: one that shuffles has several."""


@contextmanager
def watched(session: SparkSession) -> Iterator[Work]:
    """Count what the block has Spark run. Nothing else may use the session."""
    newest = max((one.executionId() for one in _ended_after(-1, session, most=1)), default=-1)
    work = Work()
    yield work
    for execution in _ended_after(newest, session):
        if jobs := execution.jobs().size():
            work.actions += 1
            work.jobs += jobs


def _ended_after(number: int, session: SparkSession, most: int | None = None) -> list[Any]:
    """Return the latest queries, `most` of them, down to this number; waits until they ended."""
    # Spark keeps a list of its queries, also without its pages.
    store = session._jsparkSession.sharedState().statusStore()
    bus = session.sparkContext._jsc.sc().listenerBus()
    until = time.monotonic() + _TIMEOUT
    while time.monotonic() < until:
        bus.waitUntilEmpty()
        found = list(islice(_latest(store.executionsList(), number), most))
        if all(one.completionTime().isDefined() for one in found):
            return found
        time.sleep(_TICK)
    raise TimeoutError("Spark's queries do not end")


def _latest(executions: Any, number: int) -> Iterator[Any]:
    """Yield the queries from the last one down to that of this number."""
    for index in range(executions.size() - 1, -1, -1):
        execution = executions.apply(index)
        if execution.executionId() <= number:
            return
        yield execution
