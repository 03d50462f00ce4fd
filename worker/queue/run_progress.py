"""What the queue asks of the room that keeps the progress of a run's tables."""

from dataclasses import dataclass
from typing import Protocol

from worker.database.pool import Connection, Database
from worker.queue.run_result import RunResult

__all__ = ["Foreseen", "RunProgress"]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How a run ends if its tables still stand as they did when this was made."""

    run_result: RunResult
    stand: str | None
    """How the tables stood; None for an end that does not depend on them."""


class RunProgress(Protocol):
    """`foresee` may take long and comes before a transaction; the others belong inside one.

    The transaction is the queue's, which has locked the lease.
    """

    async def foresee(self, database: Database, run_id: str, attempt: int, reason: str) -> Foreseen:
        """Return how the run ends for `reason`, as its tables stand now.

        `completed` if every table was done already, else `failed` with `reason`.
        """
        ...

    async def as_foreseen(self, transaction: Connection, run_id: str, foreseen: Foreseen) -> bool:
        """Return whether the run's tables still stand as they did."""
        ...

    async def forget_unfinished(self, transaction: Connection, run_id: str) -> None:
        """Delete the rows of tables that have not ended: the next attempt begins them anew."""
        ...

    async def skip_unfinished(
        self, transaction: Connection, run_id: str, reason: str, *, ends: bool
    ) -> None:
        """Mark the tables that have not ended as skipped and store the reason.

        If the run `ends`, the tables of attempts before its last end are deleted.
        """
        ...

    async def run_ended(self, transaction: Connection, run_id: str) -> None:
        """Do what belongs to the end of a run; its row and its attempt are written already."""
        ...
