"""When a worker first saw each request.

The dates that the backend writes depend on the time zone of its session, so the age of a request
counts from here.
"""

from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue.claim import ODD_DATES

__all__ = ["note_requests"]

_NOTE = load_sql(__package__, "note_requests")
_AT_MOST = 500


async def note_requests(database: Database) -> list[tuple[str, str]]:
    """Note the requests that are waiting, at most 500 new ones.

    Return the ids of those whose dates can't be right, with these dates.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(_NOTE, _AT_MOST, *ODD_DATES)
    return [(row["id"], row["odd_date"]) for row in rows]
