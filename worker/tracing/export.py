"""Exports traces and metrics while a process works."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio.to_thread

from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.tracing.options import ExportOptions
from worker.tracing.spans import use_tracer

if TYPE_CHECKING:
    from worker.tracing.metrics_exporter import MetricsExporter
    from worker.tracing.sdk import SdkTracer

__all__ = ["exporting"]

log = get_logger(__name__)

_LAST_EXPORT = 2.0
"""Seconds for what is left at the end."""
_EXTRA = "install the extra otlp: pip install 'dqx-worker[otlp]'"


@asynccontextmanager
async def exporting(options: ExportOptions, worker: str, version: str) -> AsyncIterator[None]:
    """Export what `options` ask for while the block runs; without a receiver the block goes on."""
    if not (options.traces or options.metrics):
        yield
        return
    try:
        parts = await anyio.to_thread.run_sync(_start, options, worker, version)
    except ImportError as error:
        log.warning(Event.EXPORT_UNAVAILABLE, error=f"{error}: {_EXTRA}")
        yield
        return
    # A standard variable that the SDK can't read ends no worker.
    except Exception as error:  # noqa: BLE001
        log.warning(Event.EXPORT_UNAVAILABLE, error=repr(error))
        yield
        return
    log.info(Event.EXPORT_STARTED, traces=options.traces, metrics=options.metrics)
    try:
        yield
    finally:
        use_tracer(None)
        # In threads that nothing waits for beyond the deadline: a receiver may be away.
        ends = [threading.Thread(target=part.shutdown, daemon=True) for part in parts]
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_end, ends)


def _start(
    options: ExportOptions, worker: str, version: str
) -> "list[SdkTracer | MetricsExporter]":
    # OpenTelemetry is imported by a process that exports, and by no other.
    from worker.tracing.metrics_exporter import MetricsExporter
    from worker.tracing.sdk import SdkTracer, resource_of

    resource = resource_of(worker, version)
    parts: list[SdkTracer | MetricsExporter] = []
    if options.metrics:
        parts.append(MetricsExporter(resource))
    if options.traces:
        tracer = SdkTracer(resource)
        use_tracer(tracer)
        parts.append(tracer)
    return parts


def _end(ends: list[threading.Thread]) -> None:
    for end in ends:
        end.start()
    for end in ends:
        end.join(_LAST_EXPORT / len(ends))
