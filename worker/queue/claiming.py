"""Whether workers claim requests: an operator may pause that for all of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.queue import errors

__all__ = ["Claiming"]


@dataclass(frozen=True, slots=True)
class Claiming:
    """Whether claiming is paused, and who changed that last, when and why."""

    paused: bool
    by: str | None
    """None if it was never paused."""
    since: datetime
    """By the database's clock."""
    reason: str | None

    @classmethod
    def of(cls, row: Any) -> "Claiming":
        """Return what a query has read of the table `claiming`."""
        return cls(row["paused"], row["changed_by"], row["changed_at"], row["reason"])

    @property
    def words(self) -> str:
        """Who paused it, since when and why."""
        return errors.claiming_paused(self.by or "", self.since_text, self.reason or "")

    @property
    def since_text(self) -> str:
        """The time of the change in UTC."""
        return self.since.isoformat(timespec="seconds").replace("+00:00", "Z")
