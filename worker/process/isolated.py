"""The process that makes the last try of one run: a worker that takes this run and no other."""

import functools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import anyio
import anyio.lowlevel
import structlog

from worker import __version__
from worker.attempt.attempt import Attempts
from worker.attempt.ledger import Ledger
from worker.database.outage import through_outages
from worker.database.pool import Database
from worker.process.late_profiler import LateProfiler
from worker.process.options import WorkerOptions
from worker.process.passwords import open_passwords
from worker.process.preflight import reach_workspace
from worker.process.signals import Stop, watch_signals
from worker.process.worker import WorkerEnd
from worker.profiling.profiler import OpenProfiler, TableProfiler
from worker.queue.claim import claim_last_try, unknown_leases
from worker.queue.heartbeat import Heartbeat
from worker.queue.lease import Lease
from worker.queue.options import QueueOptions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["run_isolated"]

log = get_logger(__name__)

_LAST_WRITES = 5.0
"""Seconds of the grace period that are kept for giving the run back."""
_LAST_CLAIM = 2.0
_MOST_GIVEN_BACK = 10
"""Attempts that did not count."""
_OOM_SCORE = Path("/proc/self/oom_score_adj")


async def run_isolated(
    options: WorkerOptions, run_id: str, *, open_profiler: OpenProfiler
) -> WorkerEnd:
    """Make the last try of a run if it is due. How the run ends is no matter of this process'.

    Stops as a worker does after a signal, or when its standard input is closed. `open_profiler`
    makes what profiles tables. Raises `DatabaseError` and `EngineError`.
    """
    _be_killed_first()
    stop = Stop()
    isolated = _Isolated(options, run_id, stop, open_profiler)
    with structlog.contextvars.bound_contextvars(run=run_id):
        async with anyio.create_task_group() as tasks:
            await tasks.start(functools.partial(watch_signals, stop))
            tasks.start_soon(_watch_input, stop)
            with anyio.CancelScope() as working:
                tasks.start_soon(isolated.end_when_stopped, working)
                await isolated.run()
            tasks.cancel_scope.cancel()
    return WorkerEnd(stop.exit_code, None, isolated.hanging)


def _be_killed_first() -> None:
    """Have the kernel end this process first if memory runs out, not the worker that started it.

    What it starts, such as Spark's JVM, inherits that.
    """
    with suppress(OSError):
        _OOM_SCORE.write_text("1000")


async def _watch_input(stop: Stop) -> None:
    """Set `stop` when the worker that started this process stops or has died."""
    # A file or /dev/null can't be waited for: nobody holds the other end.
    with suppress(OSError):
        await anyio.wait_readable(sys.stdin.fileno())
        stop.asked.set()


class _Isolated:
    """The way from the claim of the run to the end of its attempt."""

    def __init__(
        self, options: WorkerOptions, run_id: str, stop: Stop, open_profiler: OpenProfiler
    ) -> None:
        # It has one run, which would wait for rows that Spark is warmed with.
        self._options = replace(options, profiling=replace(options.profiling, warm=False))
        # It serves no other request: it has no slots, as a job has none.
        self._queue: QueueOptions = replace(options.queue, slots=0)
        self._run_id = run_id
        self._stop = stop
        self._open_profiler = open_profiler
        self._ledger = Ledger(options.attempt.summary_limit)
        self._late = LateProfiler(self._opened)
        self._working = False

    @property
    def hanging(self) -> bool:
        """Whether threads hang in Spark and were left behind."""
        return self._late.stuck > 0

    async def end_when_stopped(self, working: anyio.CancelScope) -> None:
        """Let a run that is in work go on until the last seconds of the grace period."""
        await self._stop.asked.wait()
        received = self._stop.received
        log.info(
            Event.WORKER_DRAINING, reason=received.name if received else "its worker stops or died"
        )
        self._late.hurry()
        patience = self._options.grace.total_seconds() - _LAST_WRITES
        if self._late.is_opening:
            patience = 0.0
        elif not self._working:
            patience = min(_LAST_CLAIM, patience)
        working.deadline = anyio.current_time() + patience

    async def run(self) -> None:
        """Claim the run, work on it, and return when its attempt has ended."""
        options = self._options
        async with (
            self._late.running(),
            open_passwords(options.credentials, options.workspace) as passwords,
            Database.open(options.database, passwords) as database,
        ):
            heartbeat = Heartbeat(database, self._queue, __version__, wake=lambda: None)
            async with heartbeat.running():
                if self._stop.asked.is_set():
                    return
                lease = await through_outages(functools.partial(self._claim, database))
                if lease is None:
                    return
                self._working = True
                await heartbeat.add(lease)
                await self._work(lease)

    async def _claim(self, database: Database) -> Lease | None:
        # What an earlier call took, whose answer got lost: no other process has this name.
        found = await unknown_leases(database, self._queue, [])
        return found[0] if found else await claim_last_try(database, self._queue, self._run_id)

    async def _work(self, lease: Lease) -> None:
        """Work on the run; give it back if Spark does not start, which is not its fault.

        Not for ever: then what keeps Spark from starting ends the run.
        """
        given_back = lease.attempt - lease.tries
        failure: Exception | None = None
        with anyio.CancelScope() as working:

            async def warm() -> TableProfiler:
                nonlocal failure
                try:
                    return await self._late.profiler()
                except Exception as error:
                    if given_back >= _MOST_GIVEN_BACK:
                        raise
                    failure = error
                    working.cancel()
                    await anyio.lowlevel.checkpoint()
                    raise

            attempts = Attempts(warm, self._options.attempt, self._queue, self._ledger)
            await attempts.work(lease)
        if failure is not None:
            raise failure

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[TableProfiler]:
        client = await reach_workspace(self._options.workspace)
        async with self._open_profiler(self._options.profiling, client) as profiler:
            yield profiler
