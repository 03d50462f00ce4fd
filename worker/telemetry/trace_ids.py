"""The ids of a run's trace, made of its own id, so that all its attempts are in one trace.

No worker has to know what another has traced, and every log line about a run can name its trace.
"""

from hashlib import sha256
from typing import Any

__all__ = ["add_trace_id", "attempt_span_id", "log_trace_ids", "run_trace_id"]

_logged = False


def run_trace_id(run_id: str) -> int:
    """Return the id of a run's trace: as good as random, for samplers decide by its bits."""
    return int.from_bytes(_digest(run_id)[:16], "big")


def attempt_span_id(run_id: str, attempt: int) -> int:
    """Return the id of the root span of an attempt."""
    return int.from_bytes(_digest(f"{run_id} {attempt}")[:8], "big")


def log_trace_ids(*, logged: bool) -> None:
    """Have each log line about a run name the run's trace from now on, or no more."""
    global _logged  # noqa: PLW0603 - the log is the process's, too
    _logged = logged


def add_trace_id(_logger: object, _method: str, event: Any) -> Any:
    """Add the trace to an event about a run: a processor of structlog."""
    if _logged and isinstance(run := event.get("run"), str):
        event["trace_id"] = f"{run_trace_id(run):032x}"
    return event


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
