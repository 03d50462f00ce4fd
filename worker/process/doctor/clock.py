"""The step 'clock': how far this machine's clock is off the database's."""

from worker.process.doctor.errors import login as errors
from worker.process.doctor.explain import hint
from worker.process.doctor.finding import Found
from worker.process.doctor.setup import Setup

__all__ = ["check_clock"]

_TRIES = 3
_TOLERATED = 5.0
"""Seconds."""


async def check_clock(setup: Setup) -> Found:
    """Ask the database for its time, a few times, and take the quickest answer."""
    answers = []
    async with setup.database.take().connection() as connection:
        for _ in range(_TRIES):
            asked, began = setup.clock.now(), setup.clock.monotonic()
            there = await connection.fetchval("SELECT clock_timestamp()")
            took = setup.clock.monotonic() - began
            # By the time that the answer was made half of it was over, more or less.
            answers.append((took, (asked - there).total_seconds() + took / 2))
    took, ahead = min(answers)
    ahead = round(ahead, 3)
    off = abs(ahead) > _TOLERATED + took
    return Found(
        f"{abs(ahead):.3f} s {'ahead of' if ahead > 0 else 'behind'} the database's",
        {"ahead_s": ahead, "round_trip_s": round(took, 3)},
        [hint(errors.clocks_differ(f"{ahead:g}"))] if off else [],
    )
