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
    before = store.executionsCount()
    work = Work()
    yield work
    executions = _settled(store)
    for index in range(before, executions.size()):
        if jobs := executions.apply(index).jobs().size():
            work.actions += 1
            work.jobs += jobs


def _settled(store: Any) -> Any:
    """Return the queries once the last has ended: Spark lists them a moment later."""
    until = time.monotonic() + _TIMEOUT
    count = -1
    while time.monotonic() < until:
        executions = store.executionsList()
        size = executions.size()
        ended = all(executions.apply(index).completionTime().isDefined() for index in range(size))
        if ended and size == count:
            return executions
        count = size
        time.sleep(_TICK)
    raise TimeoutError("Spark's queries do not end")
