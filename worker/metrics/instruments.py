"""The counters and histograms of a worker process, each changed where its fact happens.

What a worker has or is at the moment of a scrape is read from its parts: process/worker_state.py.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from worker.metrics.labels import AttemptOutcome, Reason, RescueCause, Step, TableOutcome

__all__ = [
    "ATTEMPTS",
    "CLAIMS",
    "CLAIM_DURATION",
    "CONTENT_TYPE",
    "LEASES_LOST",
    "PREFIX",
    "REGISTRY",
    "RESCUES",
    "ROWS_PROFILED",
    "RUNS",
    "RUN_WAIT",
    "RUN_WORK",
    "SESSION_RESTARTS",
    "SUGGESTIONS",
    "TABLES",
    "TABLE_PHASE",
    "exposition",
]

PREFIX = "dqx_worker"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of the exposition."""

# A second series for each counter, with the time of its first increment, is of no use here.
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

# Seconds.
_OF_A_STATEMENT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_OF_A_PHASE = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_OF_A_RUN = (0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400)


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(name, meaning, labels, namespace=PREFIX, registry=REGISTRY)


def _histogram(name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(name, meaning, labels, namespace=PREFIX, registry=REGISTRY, buckets=buckets)


CLAIMS = _counter("claims", "Requests that this worker claimed.")
CLAIM_DURATION = _histogram(
    "claim_duration_seconds", "Time that a look for requests took in Postgres.", _OF_A_STATEMENT
)
ATTEMPTS = _counter("attempts", "Attempts of this worker that ended, by outcome.", "outcome")
RUNS = _counter(
    "runs", "Runs whose end this worker wrote, by status and reason.", "status", "reason"
)
RUN_WAIT = _histogram(
    "run_wait_seconds", "Time from a request's first sight by a worker to its claim.", _OF_A_RUN
)
RUN_WORK = _histogram(
    "run_work_seconds",
    "Time from a run's claim to its end, of the attempt that ended it.",
    _OF_A_RUN,
)
TABLE_PHASE = _histogram(
    "table_phase_seconds", "Time that a table spent in a phase.", _OF_A_PHASE, "phase"
)
TABLES = _counter("tables", "Tables that ended, by outcome.", "outcome")
ROWS_PROFILED = _counter("rows_profiled", "Rows of the samples that were profiled.")
SUGGESTIONS = _counter(
    "suggestions", "Suggestions that were written, by check function.", "function"
)
RESCUES = _counter("rescues", "Runs of other workers that were taken over, by cause.", "cause")
LEASES_LOST = _counter("leases_lost", "Leases that this worker lost to another one.")
SESSION_RESTARTS = _counter("session_restarts", "Spark sessions that replaced a lost one.")


# A series that appears with its first fact has no increase by it: all begin at 0.
for outcome in AttemptOutcome:
    ATTEMPTS.labels(outcome)
for reason in Reason:
    RUNS.labels(reason.status, reason)
for step in Step:
    TABLE_PHASE.labels(step)
for table_outcome in TableOutcome:
    TABLES.labels(table_outcome)
for cause in RescueCause:
    RESCUES.labels(cause)


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format, version 0.0.4."""
    return generate_latest(REGISTRY)
