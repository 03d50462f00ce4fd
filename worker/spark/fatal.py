"""When a process can profile nothing more, and another one has to take its place."""

from enum import StrEnum

import anyio

__all__ = ["Cause", "Fatal"]


class Cause(StrEnum):
    """What broke."""

    STUCK_THREADS = "stuck threads"
    SESSION_LOST = "session lost"


class Fatal:
    """Holds the first thing that broke for good. Set and read in the event loop."""

    def __init__(self) -> None:
        self.cause: Cause | None = None
        self.happened = anyio.Event()

    def set(self, cause: Cause) -> None:
        """Record that nothing more can be profiled."""
        if self.cause is None:
            self.cause = cause
            self.happened.set()
