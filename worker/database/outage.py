"""Work that the database can't take now is done when it can."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from worker.concurrency.backoff import doubling, jittered
from worker.database.errors import (
    DatabaseConflict,
    DatabaseUnavailable,
    StatementFailing,
    StatementOutdated,
)

__all__ = ["through_outages"]

T = TypeVar("T")

# Seconds. Short at first: a failover takes some of them, and a lease may be at stake.
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0

_FAILURES = 5
"""How often in a row the same work may fail while the server answers."""


async def through_outages(work: Callable[[], Awaitable[T]]) -> T:
    """Repeat `work` until the database takes it, and return its result.

    `work` has to be safe to repeat, even if it was done and the answer got lost. The caller has a
    scope that ends it: an outage may last. Raises `StatementFailing` if that comes five times in a
    row: the server answers, so it is no outage. A backend may change a type at any time: work that
    is outdated is done once more, with statements that are prepared anew.
    """
    pauses = doubling(_FIRST_PAUSE, _LONGEST_PAUSE)
    failures, outdated = 0, False
    while True:
        try:
            return await work()
        # The pool has logged the first failure.
        except StatementFailing:
            failures += 1
            if failures == _FAILURES:
                raise
            await anyio.sleep(_FIRST_PAUSE * 2 ** (failures - 1))
        except StatementOutdated:
            if outdated:
                raise
            outdated = True
        except (DatabaseUnavailable, DatabaseConflict):
            failures = 0
            await anyio.sleep(jittered(next(pauses)))
