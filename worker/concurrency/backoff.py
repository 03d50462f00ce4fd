"""Pauses between tries: longer each time, and never the same for two processes."""

import random
from collections.abc import Iterator

__all__ = ["doubling", "jittered"]


def doubling(first: float, longest: float) -> Iterator[float]:
    """Yield pauses without end: `first`, then each twice the one before, up to `longest`."""
    pause = first
    while True:
        yield pause
        pause = min(2 * pause, longest)


def jittered(pause: float) -> float:
    """Return half of `pause` to all of it, at random: processes that failed together spread out."""
    return pause * random.uniform(0.5, 1)  # noqa: S311
