"""OpenTelemetry's SDK, with exporters that its own variables configure. Needs the extra `otlp`."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags

from worker.telemetry.trace_ids import attempt_span_id, run_trace_id
from worker.tracing.spans import Attempt, Attributes, words

__all__ = ["SdkTracer", "exporter_of", "resource_of"]

_EXPORTERS = "opentelemetry.exporter.otlp.proto"
_GRPC_PORT = 4317
_SERVICE = "dqx-worker"
_OWN = __name__.partition(".")[0]


def resource_of(instance: str, version: str) -> Resource:
    """Return what describes this process; standard variables count more than its own words."""
    own = {
        "service.name": _SERVICE,
        "service.version": version,
        "service.instance.id": instance,
    }
    return Resource.create({**own, **OTELResourceDetector().detect().attributes})


def exporter_of(signal: str, name: str) -> Any:
    """Return the exporter `name` of `signal`, for the protocol that is set."""
    package = "grpc" if _protocol(signal) == "grpc" else "http"
    return getattr(import_module(f"{_EXPORTERS}.{package}.{signal}_exporter"), name)()


def _protocol(signal: str) -> str:
    """Return the protocol of a signal. By default it is HTTP, but on the port of gRPC."""
    if protocol := _variable(signal, "PROTOCOL"):
        return protocol
    try:
        port = urlsplit(_variable(signal, "ENDPOINT")).port
    except ValueError:
        port = None
    return "grpc" if port == _GRPC_PORT else "http/protobuf"


def _variable(signal: str, name: str) -> str:
    """Return the value of a variable for this signal, or else for all."""
    of_all = os.environ.get(f"OTEL_EXPORTER_OTLP_{name}", "")
    return (os.environ.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}S_{name}") or of_all).strip()


class SdkTracer:
    """Makes spans and exports them in batches, in a thread that the process does not wait for."""

    def __init__(self, resource: Resource) -> None:
        self._ids = _Ids()
        # The process flushes at its end for a moment; at its exit a receiver may be away.
        self._provider = TracerProvider(
            resource=resource, id_generator=self._ids, shutdown_on_exit=False
        )
        exporter = exporter_of("trace", "OTLPSpanExporter")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(_SERVICE)

    @contextmanager
    def attempt(self, attempt: Attempt) -> Iterator[None]:
        """Trace an attempt from its claim on, with a link to the one before it."""
        now = time.time_ns()
        began = now - int(attempt.asked * 1e9)
        trace_id = run_trace_id(attempt.run_id)
        links = [_link(trace_id, attempt)] if attempt.number > 1 else []
        with self._ids.chosen(trace_id, attempt_span_id(attempt.run_id, attempt.number)):
            root = self._tracer.start_span(
                "run",
                # No span of this process or of another is its parent.
                trace.set_span_in_context(trace.INVALID_SPAN),
                attributes={
                    "run": attempt.run_id,
                    "contract": attempt.contract_id,
                    "attempt": attempt.number,
                },
                links=links,
                start_time=began,
            )
        with _current(root):
            claim = self._tracer.start_span("claim", start_time=began)
            claim.end(now - int(attempt.answered * 1e9))
            yield

    @contextmanager
    def span(self, name: str, attributes: Attributes) -> Iterator[None]:
        """Trace a part of the current span."""
        with _current(self._tracer.start_span(name, attributes=dict(attributes))):
            yield

    def note(self, attributes: Attributes, error: str | None) -> None:
        """Add to the current span."""
        current = trace.get_current_span()
        current.set_attributes(dict(attributes))
        if error is not None:
            current.set_status(Status(StatusCode.ERROR, error))

    def shutdown(self) -> None:
        """Export what is left."""
        self._provider.shutdown()


@contextmanager
def _current(span: trace.Span) -> Iterator[None]:
    """Make `span` the current one for the block, and end it with what the block raises."""
    with trace.use_span(
        span, end_on_exit=True, record_exception=False, set_status_on_exception=False
    ):
        try:
            yield
        except Exception as error:
            span.set_attribute("error.type", type(error).__qualname__)
            span.set_status(Status(StatusCode.ERROR, _words_of(error)))
            raise
        # A cancellation: by a deadline, an operator, or the end of the process.
        except BaseException:
            span.set_attribute("cancelled", True)
            raise


def _words_of(error: Exception) -> str:
    """Return the message of an error of the worker's own; another's may quote a cell."""
    own = type(error).__module__.partition(".")[0] == _OWN
    return words(str(error)) if own else type(error).__qualname__


def _link(trace_id: int, attempt: Attempt) -> Link:
    before = attempt_span_id(attempt.run_id, attempt.number - 1)
    flags = TraceFlags(TraceFlags.SAMPLED)
    return Link(SpanContext(trace_id, before, is_remote=True, trace_flags=flags))


class _Ids(RandomIdGenerator):
    """Makes ids at random, but for a span whose ids are chosen."""

    def __init__(self) -> None:
        self._chosen: ContextVar[tuple[int, int] | None] = ContextVar("chosen ids", default=None)

    @contextmanager
    def chosen(self, trace_id: int, span_id: int) -> Iterator[None]:
        """Give these ids to the span that the block starts."""
        token = self._chosen.set((trace_id, span_id))
        try:
            yield
        finally:
            self._chosen.reset(token)

    def generate_trace_id(self) -> int:
        """Return the id of a new trace."""
        chosen = self._chosen.get()
        return super().generate_trace_id() if chosen is None else chosen[0]

    def generate_span_id(self) -> int:
        """Return the id of a new span."""
        chosen = self._chosen.get()
        return super().generate_span_id() if chosen is None else chosen[1]
