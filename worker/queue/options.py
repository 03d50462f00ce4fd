"""How a worker takes part in the queue."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import PositiveInt

from worker.options.setting import setting
from worker.options.values import Duration, FromText, PositiveDuration

__all__ = ["MOST_RESCUES", "QueueOptions", "QueueSettings", "Retention"]

MOST_RESCUES = 8
"""How often a rescue of one lease may fail for another reason than a lock or a missing right."""

_SHORTEST_DEADLINE = timedelta(milliseconds=500)
_SHORTEST_SILENCE = timedelta(seconds=30)
_FAR_AWAY = timedelta(seconds=1)
_LONGEST_BACK_OFF = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long what is done is kept. Of runs that are gone nothing is."""

    keep_runs: Annotated[
        Duration,
        setting(
            "DQX_WORKER_KEEP_RUNS",
            "Time for which the attempts and the progress of ended runs are kept.",
        ),
    ] = timedelta(days=30)
    keep_workers: Annotated[
        timedelta,
        setting(
            "DQX_WORKER_KEEP_WORKERS",
            "Time for which workers that have stopped are kept.",
            ge=timedelta(minutes=10),
        ),
        FromText,
    ] = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class QueueSettings:
    """What an operator may set of the queue."""

    slots: Annotated[
        PositiveInt, setting("DQX_WORKER_SLOTS", "Maximum number of runs at once.", le=64)
    ] = 2
    lease: Annotated[
        timedelta,
        setting(
            "DQX_WORKER_LEASE",
            "Time after which the runs of a silent worker are taken over by another worker.",
            ge=timedelta(seconds=3),
            le=timedelta(hours=1),
        ),
        FromText,
    ] = timedelta(seconds=15)
    runs_per_contract: Annotated[
        PositiveInt,
        setting(
            "DQX_WORKER_RUNS_PER_CONTRACT", "Maximum number of runs of one contract at once.", le=64
        ),
    ] = 2
    claim_delay: Annotated[
        Duration,
        setting(
            "DQX_WORKER_CLAIM_DELAY",
            "Time for which a worker leaves a new request alone after it first saw it, for a "
            "backend that still launches jobs.",
        ),
    ] = timedelta(0)
    """A backend that launches jobs sets run_id in a request meanwhile."""
    poll_interval: Annotated[
        timedelta,
        setting(
            "DQX_WORKER_POLL_INTERVAL",
            "Interval between two looks for requests. It triples after a minute without any.",
            ge=timedelta(milliseconds=50),
        ),
        FromText,
    ] = timedelta(seconds=2)
    max_attempts: Annotated[
        PositiveInt,
        setting(
            "DQX_WORKER_MAX_ATTEMPTS",
            "Maximum number of attempts at a run that kills its worker or fails for a temporary "
            "reason.",
            le=100,
        ),
    ] = 3
    back_off: Annotated[
        Duration,
        setting(
            "DQX_WORKER_BACK_OFF",
            "Wait before the third attempt at a run; the second begins at once. It doubles with "
            "each further attempt, up to 1 h.",
        ),
    ] = timedelta(seconds=30)
    end_patience: Annotated[
        PositiveDuration,
        setting(
            "DQX_WORKER_END_PATIENCE",
            "Time for which the worker retries the end of a run that Postgres refuses. Then the "
            "run is stuck.",
        ),
    ] = timedelta(minutes=2)
    cancelled_status: Annotated[
        Literal["failed", "cancelled"],
        setting(
            "DQX_WORKER_CANCELLED_STATUS",
            "Status that `cancel` sets. Use `cancelled` only if the backend knows that status.",
        ),
    ] = "failed"


@dataclass(frozen=True, kw_only=True)
class QueueOptions(QueueSettings):
    """The options of the queue room."""

    worker: str
    """This process' name in the tables: unique, and never used again after a restart."""
    engine: str

    @property
    def beat_interval(self) -> timedelta:
        """Three beats a lease: one may get lost."""
        return self.lease / 3

    @property
    def idle_beat_interval(self) -> timedelta:
        """Pause between two beats while no worker has a lease, and there is none to take over."""
        return 1.5 * self.lease

    @property
    def silent_after(self) -> timedelta:
        """Time after which a worker counts as silent: its pauses and a failed beat take less."""
        return max(2 * self.lease, _SHORTEST_SILENCE)

    @property
    def silent_in_work_after(self) -> timedelta:
        """The same with runs in work: more than a beat, and before others take the runs over."""
        return self.lease / 2

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
