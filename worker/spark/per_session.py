"""What holds a Spark session and has to be made anew for another one."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from worker.spark.engine import Engine

__all__ = ["PerSession"]

T = TypeVar("T")


class PerSession(Generic[T]):
    """Something that `make` makes of the engine's session, once for each session."""

    def __init__(self, engine: Engine, make: Callable[[], T]) -> None:
        self._engine = engine
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[int, T] | None = None

    def get(self) -> T:
        """Return the one of the session that there is now. Blocks while it is made."""
        with self._lock:
            # Before it is made: made of a session that was just replaced, it would be of the next.
            generation = self._engine.generation
            if self._made is None or self._made[0] != generation:
                self._made = (generation, self._make())
            return self._made[1]
