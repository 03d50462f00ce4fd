"""Exports the metrics at an interval, in a thread that the process does not wait for."""

import os
import threading
import time

from opentelemetry.sdk.resources import Resource

from worker.metrics.instruments import REGISTRY
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.tracing.metrics_data import metrics_data
from worker.tracing.sdk import exporter_of

__all__ = ["MetricsExporter"]

log = get_logger(__name__)

_INTERVAL = "OTEL_METRIC_EXPORT_INTERVAL"
_DEFAULT_INTERVAL = "60000"


class MetricsExporter:
    """Exports from its making until its shutdown, and then a last time."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._began = time.time_ns()
        self._interval = float(os.environ.get(_INTERVAL) or _DEFAULT_INTERVAL) / 1000
        self._exporter = exporter_of("metric", "OTLPMetricExporter")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics export", daemon=True)
        self._thread.start()

    def shutdown(self) -> None:
        """Export a last time."""
        self._ended.set()
        self._thread.join()
        self._exporter.shutdown()

    def _run(self) -> None:
        while not self._ended.wait(self._interval):
            self._export()
        self._export()

    def _export(self) -> None:
        try:
            self._exporter.export(metrics_data(REGISTRY, self._resource, self._began))
        # Of some errors the SDK logs that it gave up. The next export has the same counters.
        except Exception as error:  # noqa: BLE001
            log.warning(Event.EXPORT_FAILED, error=type(error).__name__)
