"""How long a run waits, after its worker was killed, for another one's claim."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import asyncpg

from tests.chaos.schedule import Kind
from tests.chaos.verify import MAX_ATTEMPTS

__all__ = ["Recovery", "recovery"]

# A run on which somebody decided meanwhile needs no other worker; one that has used up its attempts
# gets none. `outage`: Postgres was down at some moment between the kill and the claim.
_KILLS = """
SELECT k.run_id, k.attempt, k.at, extract(epoch FROM next.at - k.at)::float AS seconds,
       EXISTS (SELECT FROM chaos.outages o
               WHERE o.ended_at > k.at - interval '1 second'
                 AND o.began_at < coalesce(next.at, 'infinity')) AS outage,
       EXISTS (SELECT FROM chaos.deeds d
               WHERE d.run_id = k.run_id AND d.at < coalesce(next.at, 'infinity')
                 AND (d.kind <> $1 OR d.at > k.at - interval '1 second')) AS decided,
       r.status IN ('completed', 'failed') AS ended,
       coalesce(next.tries >= $2, false) AS last_try
FROM chaos.kills k
LEFT JOIN data_profiling_runs r ON r.id = k.run_id
LEFT JOIN LATERAL (
    SELECT c.at, a.tries FROM chaos.claims c
    LEFT JOIN dqx_worker.attempts a ON a.run_id = c.run_id AND a.number = c.attempt
    WHERE c.run_id = k.run_id AND c.attempt > k.attempt AND c.worker <> k.worker
    ORDER BY c.attempt LIMIT 1) next ON true
ORDER BY k.at
"""
_SLOWEST = 3


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from SIGKILL to another worker's claim, of each run that the killed one had."""

    clean: Sequence[float]
    last_tries: Sequence[float]
    """Of claims for a run's last try, which come after a back-off, and for which a process has to
    start: the protocol makes them apart."""
    in_outages: Sequence[float]
    """Of those between whose kill and claim Postgres was down."""
    decided: int
    """Runs that somebody decided, reset or deleted meanwhile."""
    ended: int
    """Runs that ended with no other claim: their attempts were used up."""
    lost: int
    """Runs that nobody claimed and nobody ended."""
    slowest: Sequence[str]
    """What to look for in the logs."""

    def __str__(self) -> str:
        return (
            f"{_summary(self.clean)}\n"
            f"  for the last try, in a process of its own: {_summary(self.last_tries)}\n"
            f"  while Postgres was down meanwhile: {_summary(self.in_outages)}\n"
            f"  not counted: {self.decided} decided by somebody meanwhile, {self.ended} ended "
            f"without another claim; never claimed: {self.lost}\n"
            f"  slowest: {'; '.join(self.slowest)}"
        )


async def recovery(connection: asyncpg.Connection) -> Recovery:
    """Measure it from what the database holds."""
    rows = await connection.fetch(_KILLS, Kind.RESET, MAX_ATTEMPTS)
    undecided = [row for row in rows if not row["decided"]]
    claimed = [row for row in undecided if row["seconds"] is not None]
    calm = [row for row in claimed if not row["outage"]]
    unclaimed = [row for row in undecided if row["seconds"] is None]
    return Recovery(
        clean=[row["seconds"] for row in calm if not row["last_try"]],
        last_tries=[row["seconds"] for row in calm if row["last_try"]],
        in_outages=[row["seconds"] for row in claimed if row["outage"]],
        decided=len(rows) - len(undecided),
        ended=sum(bool(row["ended"]) for row in unclaimed),
        lost=sum(not row["ended"] for row in unclaimed),
        slowest=[
            f"{row['seconds']:.1f} s for run {row['run_id']}, killed in attempt {row['attempt']} "
            f"at {row['at']:%H:%M:%S}"
            for row in sorted(claimed, key=lambda row: -row["seconds"])[:_SLOWEST]
        ],
    )


def _summary(seconds: Sequence[float]) -> str:
    if not seconds:
        return "n = 0"
    ordered = sorted(seconds)
    p99 = ordered[math.ceil(0.99 * len(ordered)) - 1]
    return (
        f"median {median(ordered):.2f} s, p99 {p99:.2f} s, max {ordered[-1]:.2f} s, "
        f"n = {len(ordered)}"
    )
