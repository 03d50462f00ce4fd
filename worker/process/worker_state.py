"""What a worker has and is at a scrape, as metrics: its parts are read, and none is asked."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from platform import python_version

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from worker import __version__
from worker.credentials.passwords import CachedPassword
from worker.database.pool import Database
from worker.metrics.instruments import PREFIX, REGISTRY
from worker.preflight.schema_watch import SchemaWatch
from worker.probes.health import Health
from worker.process.background_profiler import BackgroundProfiler
from worker.process.poller import Poller
from worker.queue.heartbeat import Heartbeat
from worker.queue.queue_depth import QueueDepth

__all__ = ["Parts", "WorkerState"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives from the first heartbeat on."""

    heartbeat: Heartbeat
    poller: Poller
    watch: SchemaWatch


class WorkerState(Collector):
    """Is given the parts of a worker when they exist. What is not known yet is left out.

    A scrape runs in another thread than the parts, which allow that to be read.
    """

    def __init__(self, engine: str, health: Health, late: BackgroundProfiler) -> None:
        dqx = version("databricks-labs-dqx")
        self._build = {
            "version": __version__,
            "engine": engine,
            "dqx": dqx,
            "python": python_version(),
        }
        self._health = health
        self._late = late
        self.database: Database | None = None
        self.parts: Parts | None = None

    @asynccontextmanager
    async def exposed(self) -> AsyncIterator[None]:
        """Have these metrics among those of the process while the block runs."""
        REGISTRY.register(self)
        try:
            yield
        finally:
            REGISTRY.unregister(self)

    def collect(self) -> Iterator[Metric]:
        """Yield every metric that has a value."""
        build = _family("build_info", "Versions and engine of the worker; always 1.", *self._build)
        build.add_metric(tuple(self._build.values()), 1)
        yield build
        health, late = self._health, self._late
        yield _gauge("ready", "Whether the worker takes requests.", health.ready().ok)
        yield _gauge("database_up", "Whether Postgres answers.", health.database.report().ok)
        if (lag := health.loop_lag.seconds) is not None:
            yield _gauge(
                "loop_lag_seconds",
                "Longest time in the last minute until the main loop answered.",
                lag,
            )
        yield _gauge("tables_in_flight", "Tables in work.", late.tables_in_work)
        yield _gauge("stuck_threads", "Threads that hang in Spark.", late.stuck)
        if self.database is not None:
            yield from _of_database(self.database)
        if self.parts is not None:
            yield from _of_parts(self.parts)


def _of_database(database: Database) -> Iterator[Metric]:
    idle, in_use = database.idle_and_in_use
    connections = _family("pool_connections", "Connections of the pool, by state.", "state")
    connections.add_metric(("idle",), idle)
    connections.add_metric(("in_use",), in_use)
    yield connections
    if isinstance(tokens := database.passwords, CachedPassword):
        yield _gauge(
            "token_life_seconds",
            "Time for which the database token stays valid; 0 without a valid one.",
            tokens.seconds_left(),
        )
        mints = CounterMetricFamily(
            f"{PREFIX}_token_mints", "Mints of database tokens, by outcome.", labels=("outcome",)
        )
        mints.add_metric(("minted",), tokens.mints.minted)
        mints.add_metric(("failed",), tokens.mints.failed)
        yield mints


def _of_parts(parts: Parts) -> Iterator[Metric]:
    heartbeat = parts.heartbeat
    yield _gauge("slots", "Runs that the worker takes at once.", heartbeat.slots)
    if (age := heartbeat.age) is not None:
        yield _gauge(
            "heartbeat_age_seconds", "Time since the last heartbeat that Postgres answered.", age
        )
    yield _gauge(
        "migrations_pending",
        "Migrations that the worker's own schema lacks.",
        parts.watch.migrations_pending,
    )
    if (depth := parts.poller.depth) is not None:
        yield from _of_queue(depth)


def _of_queue(depth: QueueDepth) -> Iterator[Metric]:
    requests = _family(
        "queue_requests",
        "Requests that wait, and runs that are running with and without a lease.",
        "state",
    )
    requests.add_metric(("waiting",), depth.waiting)
    requests.add_metric(("in_work",), depth.in_work)
    requests.add_metric(("without_lease",), depth.without_lease)
    yield requests
    yield _gauge(
        "queue_oldest_age_seconds",
        "Time for which the oldest request has waited; 0 if none waits.",
        depth.oldest,
    )
    yield _gauge(
        "queue_looked_at_timestamp_seconds",
        "Time of the look at the queue that these values come from.",
        depth.looked_at,
    )
    yield _gauge("claiming_paused", "Whether an operator has paused all claims.", depth.paused)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", meaning, value=value)


def _family(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", meaning, labels=labels)
