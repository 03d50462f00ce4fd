"""Work that the database can't take now is done when it can."""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from worker.database.errors import (
    DatabaseConflict,
    DatabaseUnavailable,
    StatementOutdated,
    StatementTooSlow,
)

__all__ = ["through_outages"]

T = TypeVar("T")

# Seconds. Short at first: a failover takes some of them, and a lease may be at stake.
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0

_TOO_SLOW = 5
"""How often in a row the same work may pass the server's deadline for a statement."""


async def through_outages(work: Callable[[], Awaitable[T]]) -> T:
    """Repeat `work` until the database takes it, and return its result.

    `work` has to be safe to repeat, even if it was done and the answer got lost. The caller has a
    scope that ends it: an outage may last. Raises `StatementTooSlow` if the server answers, but
    five times in a row not within its own deadline: that is no outage. A backend may change a type
    at any time: work that is outdated is done once more, with statements that are prepared anew.
    """
    pause, slow, outdated = _FIRST_PAUSE, 0, False
    while True:
        try:
            return await work()
        # The pool has logged the first failure.
        except StatementTooSlow:
            slow += 1
            if slow == _TOO_SLOW:
                raise
            await anyio.sleep(_FIRST_PAUSE)
        except StatementOutdated:
            if outdated:
                raise
            outdated = True
        except (DatabaseUnavailable, DatabaseConflict):
            slow = 0
            await anyio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE)
