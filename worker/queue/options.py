"""How a worker takes part in the queue."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["MOST_RESCUES", "QueueOptions"]

MOST_RESCUES = 8
"""How often a rescue of one lease may fail for another reason than a lock or a missing right."""

_SHORTEST_DEADLINE = timedelta(milliseconds=500)
_FAR_AWAY = timedelta(seconds=1)
_LONGEST_BACK_OFF = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOptions:
    """The options of the queue room."""

    worker: str
    """This process' name in the tables: unique, and never used again after a restart."""
    engine: str
    slots: int
    lease: timedelta
    """Time after which the runs of a silent worker are taken over by another worker."""
    claim_delay: timedelta
    """From when a worker first saw a request: a backend that launches jobs sets run_id in it."""
    poll_interval: timedelta
    runs_per_contract: int
    """At once, in this worker."""
    max_attempts: int
    back_off: timedelta
    """From a run's second try that did not end it to its third; it doubles with each."""
    end_patience: timedelta
    """How long an end that Postgres refuses is tried again before the run counts as stuck."""
    cancelled_status: str
    """What a run's status is set to when an operator cancels it: `failed` or `cancelled`."""

    @property
    def beat_interval(self) -> timedelta:
        """Three beats a lease: one may get lost."""
        return self.lease / 3

    @property
    def beat_deadline(self) -> timedelta:
        """For the server's part of a beat: what died in silence must not cost the lease.

        If the lease allows it, two round trips of 400 ms fit into it.
        """
        return max(self.lease / 8, min(self.lease / 3, _FAR_AWAY), _SHORTEST_DEADLINE)

    @property
    def rescue_pause(self) -> timedelta:
        """How long an expired lease is left alone whose rescue has failed."""
        return max(self.lease, self.end_patience / MOST_RESCUES)

    def back_off_after(self, tries: int) -> timedelta:
        """Return how long a run waits after so many tries: after the first not at all."""
        if tries <= 1:
            return timedelta(0)
        # Bounded first: so many doublings would be no interval.
        doublings = min(tries - 2, 20)
        return min(self.back_off * float(2**doublings), _LONGEST_BACK_OFF)
