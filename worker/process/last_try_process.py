"""The process that makes the last try of one run: a worker that takes this run and no other."""

import functools
import sys
from contextlib import suppress
from pathlib import Path

import anyio
import anyio.lowlevel
import structlog

from worker import __version__
from worker.database.outage import through_outages
from worker.database.pool import Database
from worker.process.drain import Drain
from worker.process.one_run import OneRun
from worker.process.options import WorkerOptions
from worker.process.ready_database import ready_database
from worker.process.signals import Stop
from worker.process.worker import WorkerEnd
from worker.profiling.profiler import OpenProfiler, TableProfiler
from worker.queue.claim import claim_last_try, unknown_leases
from worker.queue.lease import Lease
from worker.telemetry.run_fields import run_fields
from worker.tracing.export import exporting

__all__ = ["run_isolated"]

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
    stop = Stop(otherwise="its worker stops or died")
    last_try = _LastTry(options, run_id, stop, open_profiler)
    with structlog.contextvars.bound_contextvars(**run_fields(run_id)):
        async with (
            exporting(options.export, options.queue.worker, __version__),
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(_watch_input, stop)
            await last_try.one_run.until_drained(last_try.run)
            tasks.cancel_scope.cancel()
    return WorkerEnd(stop.exit_code, None, last_try.one_run.hanging)


def _be_killed_first() -> None:
    """Have the kernel end this process first if memory runs out, not the worker that started it.

    What it starts, such as Spark's JVM, inherits that.
    """
    with suppress(OSError):
        _OOM_SCORE.write_text("1000")


async def _watch_input(stop: Stop) -> None:
    """Set `stop` when the worker that started this process stops or has died."""
    # A file or /dev/null can't be waited for: no process holds the other end.
    with suppress(OSError):
        await anyio.wait_readable(sys.stdin.fileno())
        stop.asked.set()


class _LastTry:
    """A worker of one run that gives the run back if Spark does not start."""

    def __init__(
        self, options: WorkerOptions, run_id: str, stop: Stop, open_profiler: OpenProfiler
    ) -> None:
        self._options = options
        self._run_id = run_id
        self._stop = stop
        self.one_run = OneRun(
            options, stop, open_profiler, claim_patience=Drain(options.grace).claim
        )

    async def run(self) -> None:
        """Claim the run, work on it, and return when its attempt has ended."""
        async with ready_database(self._options) as database:
            await self.one_run.work(
                database, functools.partial(self._claim, database), self._attempt
            )

    async def _claim(self, database: Database) -> Lease | None:
        if self._stop.asked.is_set():
            return None
        return await through_outages(functools.partial(self._claim_once, database))

    async def _claim_once(self, database: Database) -> Lease | None:
        # What an earlier call took, whose answer got lost: no other process has this name.
        queue = self._options.queue
        found = await unknown_leases(database, queue, [])
        return found[0] if found else await claim_last_try(database, queue, self._run_id)

    async def _attempt(self, lease: Lease) -> None:
        """Work on the run; give it back if Spark does not start, which is not its fault.

        Not for ever: then what keeps Spark from starting ends the run.
        """
        given_back = lease.attempt - lease.tries
        failure: Exception | None = None
        with anyio.CancelScope() as working:

            async def warm() -> TableProfiler:
                nonlocal failure
                try:
                    return await self.one_run.profiler()
                except Exception as error:
                    if given_back >= _MOST_GIVEN_BACK:
                        raise
                    failure = error
                    working.cancel()
                    await anyio.lowlevel.checkpoint()
                    raise

            await self.one_run.attempts(warm).work(lease)
        if failure is not None:
            raise failure
