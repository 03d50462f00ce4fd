"""What may go wrong with the stand-in, on demand."""

import threading
from dataclasses import dataclass, field, replace
from enum import StrEnum

__all__ = ["Fault", "FaultKind", "Faults"]


class FaultKind(StrEnum):
    """The answer, or what it lacks; a number is its HTTP status."""

    LATENCY = "latency"
    HANG = "hang"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    THROTTLED = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    BROKEN_JSON = "broken_json"
    NO_TOKEN = "no_token"  # noqa: S105
    NO_EXPIRY = "no_expiry"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault, for the next `times` requests whose path holds `path`.

    `seconds` is how long `latency` takes, how far the `clock` is off, and what Retry-After says.
    """

    kind: FaultKind
    path: str = "/credentials"
    times: int = 1
    seconds: float = 1.0


@dataclass(slots=True)
class Faults:
    """The faults that are still to come, in their order; safe to use from any thread."""

    _coming: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Have `fault` come."""
        with self._lock:
            self._coming.append(fault)

    def clear(self) -> None:
        """Forget all that have not come."""
        with self._lock:
            self._coming.clear()

    @property
    def left(self) -> int:
        """How many are still to come."""
        with self._lock:
            return len(self._coming)

    def take(self, path: str) -> Fault | None:
        """Return the fault of a request, if one is due."""
        with self._lock:
            for number, fault in enumerate(self._coming):
                if fault.path in path:
                    if fault.times > 1:
                        self._coming[number] = replace(fault, times=fault.times - 1)
                    else:
                        del self._coming[number]
                    return fault
        return None
