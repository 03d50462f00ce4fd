"""Part of a transaction that may fail by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker.database.driver_errors import translated
from worker.database.errors import DatabaseError
from worker.database.pool import Connection

__all__ = ["savepoint"]

_BEGIN, _UNDO = "SAVEPOINT part", "ROLLBACK TO SAVEPOINT part"


@asynccontextmanager
async def savepoint(transaction: Connection, doing: str) -> AsyncIterator[None]:
    """Undo what the block has done if Postgres refuses it; the transaction can continue.

    Raises `DatabaseError`, whose message begins with `doing`.
    """
    await transaction.execute(_BEGIN)
    try:
        with translated(doing):
            yield
    except DatabaseError:
        await transaction.execute(_UNDO)
        raise
    # COMMIT releases it: a round trip less.
