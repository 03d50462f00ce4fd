"""The metrics of the registry in OpenTelemetry's form, so that nothing is measured twice."""

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import CollectorRegistry
from prometheus_client import Metric as Family

__all__ = ["metrics_data"]

_SCOPE = InstrumentationScope("dqx-worker")
_CUMULATIVE = AggregationTemporality.CUMULATIVE


def metrics_data(registry: CollectorRegistry, resource: Resource, began: int) -> MetricsData:
    """Return all metrics that have a value, with their names in Prometheus.

    `began` is when the counters did, in nanoseconds since 1970.
    """
    now = time.time_ns()
    metrics = [
        found for family in registry.collect() if (found := _metric(family, began, now)) is not None
    ]
    scope = ScopeMetrics(_SCOPE, metrics, schema_url="")
    return MetricsData([ResourceMetrics(resource, [scope], schema_url="")])


def _metric(family: Family, began: int, now: int) -> Metric | None:
    if not family.samples:
        return None
    unit = "s" if "_seconds" in family.name else "By" if family.name.endswith("_bytes") else "1"
    match family.type:
        case "counter":
            total = f"{family.name}_total"
            points = [
                NumberDataPoint(sample.labels, began, now, float(sample.value))
                for sample in family.samples
                if sample.name == total
            ]
            data = Sum(points, _CUMULATIVE, is_monotonic=True)
            return Metric(total, family.documentation, unit, data)
        case "histogram":
            histogram = Histogram(list(_histograms(family, began, now)), _CUMULATIVE)
            return Metric(family.name, family.documentation, unit, histogram)
        case _:
            gauges = [
                NumberDataPoint(sample.labels, began, now, float(sample.value))
                for sample in family.samples
            ]
            return Metric(family.name, family.documentation, unit, Gauge(gauges))


def _histograms(family: Family, began: int, now: int) -> Iterator[HistogramDataPoint]:
    """Yield a point for each set of labels; the registry's buckets count all below their bounds."""
    buckets: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    sums: dict[tuple[tuple[str, str], ...], float] = {}
    for sample in family.samples:
        labels = {name: value for name, value in sample.labels.items() if name != "le"}
        of = tuple(sorted(labels.items()))
        if sample.name == f"{family.name}_bucket":
            buckets.setdefault(of, []).append((float(sample.labels["le"]), sample.value))
        elif sample.name == f"{family.name}_sum":
            sums[of] = sample.value
    for of, counted in buckets.items():
        yield _point(dict(of), counted, sums[of], began, now)


def _point(
    labels: Mapping[str, str],
    counted: Sequence[tuple[float, float]],
    total: float,
    began: int,
    now: int,
) -> HistogramDataPoint:
    below = [0, *(int(count) for _, count in counted)]
    return HistogramDataPoint(
        attributes=labels,
        start_time_unix_nano=began,
        time_unix_nano=now,
        count=below[-1],
        sum=total,
        bucket_counts=[after - before for before, after in pairwise(below)],
        explicit_bounds=[bound for bound, _ in counted[:-1]],
        # Nobody has kept them.
        min=None,  # type: ignore[arg-type]
        max=None,  # type: ignore[arg-type]
    )
