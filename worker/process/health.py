"""How a worker is, part by part: what /livez and /readyz tell.

Nothing here serves or measures: whoever finds out how a part is says so, on the event loop's
thread.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from worker.telemetry.redact import redacted

__all__ = ["Health", "Part", "PartReport", "Report"]

_NOT_YET = "not yet"
_LONGEST = 500
"""Characters of a reason: a report stays small enough to be sent at once."""


@dataclass(frozen=True, slots=True)
class PartReport:
    """How one part is. `reason` says why it is not well, and is None where it is."""

    since: datetime
    """When it became well, or unwell, by the wall clock, in UTC."""
    seconds: float
    """For how long it has been so, by a clock that nobody sets."""
    reason: str | None

    @property
    def ok(self) -> bool:
        """Whether the part is well."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Report:
    """How several parts are, by their names."""

    parts: Mapping[str, PartReport]

    @property
    def ok(self) -> bool:
        """Whether every part is well."""
        return all(part.ok for part in self.parts.values())


class Part:
    """One thing that has to be right, and since when it is as it is."""

    def __init__(self, reason: str | None) -> None:
        self._reason = reason
        self._changed()

    def well(self) -> None:
        """Say that it is right; since when counts from the first time that this is said."""
        if self._reason is not None:
            self._reason = None
            self._changed()

    def unwell(self, reason: str) -> None:
        """Say that it is not right, and why; another reason does not change since when.

        `reason` may hold an error's message: what looks like a secret in it is blotted out.
        """
        told = redacted(reason)
        if len(told) > _LONGEST:
            told = told[: _LONGEST - 1] + "…"
        was_well, self._reason = self._reason is None, told
        if was_well:
            self._changed()

    def report(self) -> PartReport:
        """Return how it is now."""
        return PartReport(self._since, time.monotonic() - self._began, self._reason)

    def _changed(self) -> None:
        self._since = datetime.now(UTC)
        self._began = time.monotonic()


class Health:
    """The parts of a worker. What it needs to take requests is unwell until somebody says else."""

    def __init__(self) -> None:
        self.database = Part(_NOT_YET)
        """Postgres answers."""
        self.schema = Part(_NOT_YET)
        """The backend's tables and the worker's own are there, and are the right ones."""
        self.session = Part(_NOT_YET)
        """Spark answers."""
        self.leases = Part(_NOT_YET)
        """The heartbeat renews them."""
        self.claiming = Part(_NOT_YET)
        """Requests are taken; not while the worker drains."""
        # As no thread runs yet, none has run for too long.
        self.threads = Part(None)
        """No thread has passed the limit after which it counts as stuck."""

    def alive(self) -> Report:
        """Return what a restart would cure."""
        return Report({"threads": self.threads.report()})

    def ready(self) -> Report:
        """Return what has to be right for requests to be taken."""
        return Report(
            {
                "database": self.database.report(),
                "schema": self.schema.report(),
                "session": self.session.report(),
                "leases": self.leases.report(),
                "claiming": self.claiming.report(),
            }
        )
