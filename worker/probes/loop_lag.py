"""How long the main loop takes to answer a question that another loop asks it."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["LoopLag"]

_WINDOW = 60.0
"""Seconds: no two scrapes are further apart, so none misses a loop that stood still."""


class LoopLag:
    """Remembers the answers of the last minute. Written in one thread, and read in any."""

    def __init__(self) -> None:
        self._answers: deque[tuple[float, float]] = deque()
        self._asked_at: float | None = None

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure the question that the block asks, from now to the block's end."""
        self._asked_at = began = time.monotonic()
        yield
        now = time.monotonic()
        self._answers.append((now, now - began))
        self._asked_at = None
        while self._answers[0][0] < now - _WINDOW:
            self._answers.popleft()

    @property
    def seconds(self) -> float | None:
        """The longest time to an answer, or without one yet; None before the first question."""
        asked_at = self._asked_at
        lags = [lag for _, lag in tuple(self._answers)]
        if asked_at is not None:
            lags.append(time.monotonic() - asked_at)
        return max(lags, default=None)
