"""The worker: opens its parts, starts them together, and returns how they ended."""

import functools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from worker import __version__
from worker.database.errors import DatabaseError
from worker.preflight.requirements import log_tables, reach_workspace, report_missing_roots
from worker.probes.health import Health
from worker.probes.serve import serve_probes
from worker.process.background_profiler import BackgroundProfiler
from worker.process.last_try import Program
from worker.process.options import WorkerOptions
from worker.process.ready_database import ready_database
from worker.process.service import Service
from worker.process.signals import Stop, watch_signals
from worker.process.worker_state import WorkerState
from worker.profiling.profiler import OpenProfiler, TableProfiler
from worker.tables.errors import EngineError
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger
from worker.tracing.export import exporting

__all__ = ["WorkerEnd", "run_worker"]

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerEnd:
    """How a worker ended: by a signal, whose exit code is `stopped`, or by what broke."""

    stopped: int
    error: EngineError | None
    hanging: bool
    """Threads hang in Spark: the process has to end without waiting for them."""


async def run_worker(
    options: WorkerOptions, *, drain: bool, open_profiler: OpenProfiler, program: Program
) -> WorkerEnd:
    """Work on requests until a signal, or with `drain` until none is left; return how it ended.

    `open_profiler` makes what profiles tables, `program` is run for last tries. Raises what keeps
    a worker from starting: `DatabaseError`, `EngineError`, `ProbesUnavailable`.
    """
    began = time.monotonic()
    stop = Stop(in_work=False)
    health = Health()
    service: Service | None = None
    log.info(Event.WORKER_STARTING, version=__version__, engine=options.profiling.engine)

    @asynccontextmanager
    async def opened() -> AsyncIterator[TableProfiler]:
        client = await reach_workspace(options.workspace)
        async with open_profiler(options.profiling, client) as profiler:
            yield profiler

    late = BackgroundProfiler(opened)
    state = WorkerState(options.profiling.engine, health, late)
    async with (
        exporting(options.export, options.queue.worker, __version__),
        state.exposed(),
        anyio.create_task_group() as tasks,
    ):
        await tasks.start(functools.partial(watch_signals, stop))
        # First of all, so that a supervisor hears of a start that takes long.
        if options.probes:
            await tasks.start(serve_probes, options.probes, health)
        async with late.running():
            # Beside the database's start: each takes seconds, most of them waiting.
            late.begin()
            with anyio.CancelScope() as starting:
                waiting = anyio.CancelScope()
                tasks.start_soon(_break_off, stop, waiting, starting)
                report = functools.partial(_report_health, health)
                async with ready_database(options, report) as database:
                    waiting.cancel()
                    state.database = database
                    health.schema.well()
                    log_tables(options.profiling)
                    await report_missing_roots(options.profiling)
                    service = Service(
                        options, database, late, stop, health, drain=drain, program=program
                    )
                    state.parts = service.parts
                    await service.run(began)
        tasks.cancel_scope.cancel()
    log.info(Event.WORKER_STOPPED)
    return WorkerEnd(stop.exit_code, service.broken if service else None, hanging=late.stuck > 0)


async def _break_off(stop: Stop, waiting: anyio.CancelScope, starting: anyio.CancelScope) -> None:
    """Cancel `starting` at a signal, until `waiting` is cancelled because the start is over."""
    with waiting:
        await stop.asked.wait()
        log.info(Event.WORKER_DRAINING, reason=stop.reason)
        starting.cancel()


def _report_health(health: Health, error: DatabaseError | None) -> None:
    if error is None:
        health.database.well()
    else:
        health.database.unwell(str(error))
