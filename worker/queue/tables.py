"""What the queue asks of whoever keeps the progress of a run's tables."""

from typing import Protocol

from worker.database.pool import Connection
from worker.queue.verdict import Verdict

__all__ = ["Tables"]


class Tables(Protocol):
    """Each of these belongs into a transaction of the queue's, which has locked the lease."""

    async def forget_unfinished(self, transaction: Connection, run_id: str) -> None:
        """Drop what is not done: the next attempt begins it anew."""
        ...

    async def skip_unfinished(self, transaction: Connection, run_id: str, reason: str) -> None:
        """Tell of what is not done that nobody will do it, and why."""
        ...

    async def end(self, transaction: Connection, run_id: str, attempt: int, reason: str) -> Verdict:
        """Skip what is not done and return how the run ends.

        `completed` where every table was done already, else `failed` with `reason`.
        """
        ...

    async def run_ended(self, transaction: Connection, run_id: str) -> None:
        """Do what belongs to the end of a run; its row and its attempt are written already."""
        ...
