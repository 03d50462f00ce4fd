"""How a worker is, part by part: what /livez and /readyz report.

Nothing here serves or measures. Each part is written in one thread, and may be read in any.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from worker.probes.loop_lag import LoopLag
from worker.telemetry.redact import redacted
from worker.telemetry.text import bounded

__all__ = ["Health", "Part", "PartReport", "Report"]

_NOT_YET = "not yet"
_LONGEST = 500
"""Characters of a reason: a report stays small enough to be sent at once."""


@dataclass(frozen=True, slots=True)
class PartReport:
    """How one part is. `reason` says why it is not well, and is None if it is."""

    since: datetime
    """When it became well, or unwell, by the wall clock, in UTC."""
    seconds: float
    """For how long it has been so, by a clock that is never set."""
    reason: str | None
    note: str | None = None
    """Something to know of a part that is still well."""

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


@dataclass(frozen=True, slots=True)
class _State:
    reason: str | None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)


class Part:
    """One thing that has to be right, and since when it is as it is."""

    def __init__(self, reason: str | None) -> None:
        # Replaced as a whole, so that another thread never reads half of a change.
        self._state = _State(reason)
        self._note: str | None = None

    def well(self) -> None:
        """Say that it is right; since when counts from the first time that this is said."""
        if self._state.reason is not None:
            self._state = _State(None)

    def unwell(self, reason: str) -> None:
        """Say that it is not right, and why; another reason does not change since when.

        `reason` may hold an error's message: what looks like a secret in it is blotted out.
        """
        shown = bounded(redacted(reason), _LONGEST)
        state = self._state
        self._state = _State(shown) if state.reason is None else replace(state, reason=shown)

    def note(self, text: str | None) -> None:
        """Replace what is to know of it beside, which does not make it unwell; None removes it."""
        self._note = None if text is None else bounded(redacted(text), _LONGEST)

    def report(self) -> PartReport:
        """Return how it is now."""
        state = self._state
        return PartReport(state.since, time.monotonic() - state.began, state.reason, self._note)


class Health:
    """The parts of a worker. What it needs to take requests is unwell until it is reported well."""

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
        # The loop turns: it runs this.
        self.loop_answers = Part(None)
        """The main loop has answered within seconds."""
        self.loop_alive = Part(None)
        """The main loop has answered within a time after which it counts as stuck."""
        # As no thread runs yet, none has run for too long.
        self.threads = Part(None)
        """No thread has passed the limit after which it counts as stuck."""
        self.loop_lag = LoopLag()
        """How long the main loop takes to answer."""

    def alive(self) -> Report:
        """Return what a restart would cure."""
        return Report({"loop": self.loop_alive.report(), "threads": self.threads.report()})

    def ready(self) -> Report:
        """Return what has to be right for requests to be taken."""
        return Report(
            {
                "database": self.database.report(),
                "schema": self.schema.report(),
                "session": self.session.report(),
                "leases": self.leases.report(),
                "claiming": self.claiming.report(),
                "loop": self.loop_answers.report(),
            }
        )
