"""Whether and where traces and metrics are exported, by the standard variables of OpenTelemetry."""

from dataclasses import dataclass
from typing import Annotated

from worker.options.setting import setting

__all__ = ["ExportOptions", "ExportSettings"]


@dataclass(frozen=True, kw_only=True)
class ExportSettings:
    """What the worker reads of the standard variables; OpenTelemetry's SDK reads all others."""

    otlp_disabled: Annotated[
        bool,
        setting(
            "OTEL_SDK_DISABLED", "Whether no traces and metrics are exported, whatever is set."
        ),
    ] = False
    otlp_endpoint: Annotated[
        str | None,
        setting(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "Base URL of a receiver of OTLP. Traces and metrics are exported to it. Needs the "
            "extra `otlp`. See [traces.md](traces.md).",
        ),
    ] = None
    otlp_traces_endpoint: Annotated[
        str | None,
        setting(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "URL for traces, if they have one of their own."
        ),
    ] = None
    otlp_metrics_endpoint: Annotated[
        str | None,
        setting(
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "URL for metrics, if they have one of their own."
        ),
    ] = None
    traces_exporter: Annotated[
        str | None,
        setting(
            "OTEL_TRACES_EXPORTER",
            "Exporter of traces: `otlp`, which is the default with an endpoint, or `none`.",
        ),
    ] = None
    metrics_exporter: Annotated[
        str | None,
        setting(
            "OTEL_METRICS_EXPORTER",
            "Exporter of metrics: `otlp`, which is the default with an endpoint, or `none`.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ExportOptions(ExportSettings):
    """Which signals are exported."""

    @property
    def traces(self) -> bool:
        """Whether traces are."""
        return self._exports(self.traces_exporter, self.otlp_traces_endpoint)

    @property
    def metrics(self) -> bool:
        """Whether metrics are."""
        return self._exports(self.metrics_exporter, self.otlp_metrics_endpoint)

    def _exports(self, exporters: str | None, endpoint: str | None) -> bool:
        if self.otlp_disabled:
            return False
        if exporters is not None:
            # A list, as the standard has it. What others of it mean is not for this worker.
            return "otlp" in (one.strip() for one in exporters.split(","))
        return bool(endpoint or self.otlp_endpoint)
