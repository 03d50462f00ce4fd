"""Work that the database can't take now is done when it can."""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from worker.database.errors import DatabaseConflict, DatabaseUnavailable

__all__ = ["through_outages"]

T = TypeVar("T")

# Seconds. Short at first: a failover takes some of them, and a lease may be at stake.
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0


async def through_outages(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work` until the database takes it, and return what it returns.

    `work` has to be safe to do again, also where it was done and the answer got lost. Whoever
    calls it has a scope that ends it: an outage may last.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            return await work()
        except (DatabaseUnavailable, DatabaseConflict):
            # The pool has told of it, once.
            await anyio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE)
