"""How much work Spark was given.

An action is a query of Spark SQL that ran at least one job: what is over rows that Spark has at
hand, as the text of a few numbers, runs none.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

__all__ = ["Work", "watched"]

_TIMEOUT = 30.0
_TICK = 0.05
_LOOKED_AT = 300
"""Queries at most: a block has Spark run fewer."""


@dataclass(slots=True)
class Work:
    """What was run while a block ran; known after it."""

    actions: int = 0
    jobs: int = 0
    """Of those actions: one that shuffles has several."""


@contextmanager
def watched(session: SparkSession) -> Iterator[Work]:
    """Count what the block has Spark run. Nothing else may use the session."""
    # Spark keeps a list of its queries, also without its pages.
    store = session._jsparkSession.sharedState().statusStore()
    earlier = {one.executionId() for one in _settled(store)}
    work = Work()
    yield work
    for execution in _settled(store):
        # It forgets the first of a thousand: that the list gets no longer tells nothing.
        jobs = execution.jobs().size()
        if jobs and execution.executionId() not in earlier:
            work.actions += 1
            work.jobs += jobs


def _settled(store: Any) -> list[Any]:
    """Return the queries once the last has ended: Spark lists them a moment later."""
    until = time.monotonic() + _TIMEOUT
    last = -1
    while time.monotonic() < until:
        listed = store.executionsList()
        # Those before have ended long ago.
        first = max(0, listed.size() - _LOOKED_AT)
        executions = [listed.apply(index) for index in range(first, listed.size())]
        newest = max((one.executionId() for one in executions), default=-1)
        if newest == last and all(one.completionTime().isDefined() for one in executions):
            return executions
        last = newest
        time.sleep(_TICK)
    raise TimeoutError("Spark's queries do not end")
