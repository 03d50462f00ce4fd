"""The grace period after a signal, in its parts."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["Drain"]

# Seconds.
_LAST_WRITES = 5.0
_LAST_CLAIM = 2.0


@dataclass(frozen=True, slots=True)
class Drain:
    """How long what is under way may continue after a signal.

    The last seconds of the grace period are kept for writing the end of a run, or giving it back.
    """

    grace: timedelta

    @property
    def runs(self) -> float:
        """Seconds for the runs in work."""
        return self.grace.total_seconds() - _LAST_WRITES

    @property
    def claim(self) -> float:
        """Seconds for a claim that is under way: a database may not answer."""
        return min(_LAST_CLAIM, self.runs)

    @property
    def last_writes(self) -> float:
        """Seconds for the last writes."""
        return _LAST_WRITES
