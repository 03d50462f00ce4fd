"""When a worker first saw each request.

The dates that the backend writes depend on the time zone of its session, so the age of a request
counts from here. A request that came while no worker looked has waited for longer: since its date,
if that is possible.
"""

from dataclasses import dataclass

from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.queue.claim import ODD_DATES
from worker.telemetry.run_fields import RunFields, run_fields
from worker.telemetry.text import NAME_LIMIT

__all__ = ["OddRequest", "note_requests"]

_NOTE = load_sql(__package__, "note_requests")
_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class OddRequest:
    """A request whose date can't be right."""

    id: str
    contract_id: str
    triggered_by: str | None
    odd_date: str

    @property
    def log_fields(self) -> RunFields:
        """What every log line about this request has."""
        return run_fields(self.id, self.contract_id, triggered_by=self.triggered_by)


async def note_requests(
    database: Database, *, first_look_of: str | None = None
) -> list[OddRequest]:
    """Note the requests that are waiting, at most 500 new ones.

    Return those whose dates can't be right. `first_look_of` is a worker that has not looked before:
    it notes up to 10,000, because later looks take what they see for new.
    """
    async with database.connection() as connection:
        rows = await connection.fetch(_NOTE, _AT_MOST, *ODD_DATES, NAME_LIMIT, first_look_of)
    return [OddRequest(**row) for row in rows]
