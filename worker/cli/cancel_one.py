"""One run is cancelled, and its end is waited for and printed."""

import time

import anyio

from worker.cli import errors
from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import open_database
from worker.database.pool import Database
from worker.display.output import print_json, print_line
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.options import QueueOptions
from worker.runs.cancel import OPEN, cancel
from worker.runs.requests import find_run, read_run
from worker.settings import Settings

__all__ = ["LEASES_OF_PATIENCE", "cancel_one"]

_POLL = 0.2
LEASES_OF_PATIENCE = 3
"""One for its worker to notice, one for another to take over from it."""


async def cancel_one(
    settings: Settings,
    options: QueueOptions,
    run: str,
    words: str,
    *,
    wait: bool,
    as_json: bool,
) -> int:
    """Cancel the run that `run` names, print what became of it, and return the exit code."""
    async with open_database(settings) as database:
        run_id = await find_run(database, run)
        ledger = StoredRunProgress(settings.summary_limit)
        done = await cancel(database, options, ledger, run_id, words)
        status: str | None = None
        if wait or done.worker is None:
            patience = options.lease.total_seconds() * LEASES_OF_PATIENCE
            status = await _end_of(database, run_id, patience)
    if as_json:
        print_json({"run": run_id, "status": status, "words": done.words, "worker": done.worker})
    elif status is not None:
        print_line(f"run {run_id} ended {status}: {done.words}")
    elif not wait:
        print_line(f"run {run_id} is to be ended by {done.worker}: {done.words}")
    if wait and status is None:
        print_line(f"dqx-worker: {errors.not_ended_yet(run_id, str(done.worker))}", error=True)
        return ExitCode.RUN_FAILED
    return ExitCode.SUCCESS


async def _end_of(database: Database, run: str, patience: float) -> str | None:
    """Wait for the run's end and return its status; None if it does not come."""
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        row = await read_run(database, run)
        if row is None:
            return "deleted"
        if row["status"] not in OPEN:
            return str(row["status"])
        await anyio.sleep(_POLL)
    return None
