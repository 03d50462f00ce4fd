"""The spans of a run's trace. While nothing exports them they cost a comparison each.

OpenTelemetry is imported by `sdk.py` alone, and that only if traces or metrics are exported.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from worker.telemetry.redact import redacted
from worker.telemetry.text import CAUSE_LIMIT, bounded
from worker.telemetry.trace_ids import log_trace_ids

__all__ = ["Attempt", "Tracer", "attempt_span", "fail_span", "note_outcome", "span", "use_tracer"]

Attributes = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a run: the root of its spans. Times are seconds ago."""

    run_id: str
    contract_id: str
    number: int
    asked: float
    """Since the claim began."""
    answered: float
    """Since the claim was answered."""


class Tracer(Protocol):
    """What makes spans. Exceptions that leave one are recorded in it, without data."""

    def attempt(self, attempt: Attempt) -> AbstractContextManager[None]:
        """Begin the root span of an attempt, whose claim is over."""
        ...

    def span(self, name: str, attributes: Attributes) -> AbstractContextManager[None]:
        """Begin a span inside the current one."""
        ...

    def note(self, attributes: Attributes, error: str | None) -> None:
        """Add to the current span, which failed if there is an error."""
        ...


_tracer: Tracer | None = None


def use_tracer(tracer: Tracer | None) -> None:
    """Have spans made by `tracer` from now on, and log the ids of traces; neither if it is None."""
    global _tracer  # noqa: PLW0603 - as OpenTelemetry's own tracer provider is
    _tracer = tracer
    log_trace_ids(logged=tracer is not None)


@contextmanager
def attempt_span(attempt: Attempt) -> Iterator[None]:
    """Trace an attempt."""
    if _tracer is None:
        yield
        return
    with _tracer.attempt(attempt):
        yield


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """Trace the block as a part of the current span."""
    if _tracer is None:
        yield
        return
    with _tracer.span(name, attributes):
        yield


def note_outcome(outcome: str, error: str | None = None) -> None:
    """Note in the current span how it has ended."""
    if _tracer is not None:
        _tracer.note({"outcome": outcome}, None if error is None else words(error))


def fail_span(error: str) -> None:
    """Note in the current span that it has failed."""
    if _tracer is not None:
        _tracer.note({}, words(error))


def words(error: str) -> str:
    """Return a message of the worker's own as a span may have it."""
    return bounded(redacted(error), CAUSE_LIMIT)
