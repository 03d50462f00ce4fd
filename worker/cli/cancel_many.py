"""Runs are selected by contract or status, counted, and cancelled."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import anyio

from worker.cli import errors
from worker.cli.cancel_one import LEASES_OF_PATIENCE
from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import open_database
from worker.database.pool import Database
from worker.display.confirm import confirmed
from worker.display.output import print_json, print_line
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.options import QueueOptions
from worker.runs.cancel_many import BulkCancel, Cancelled, NamedRun, Selection, not_ended
from worker.settings import Settings

__all__ = ["cancel_selected"]

_POLL = 0.5
_LISTED = 20


async def cancel_selected(
    settings: Settings,
    options: QueueOptions,
    selection: Selection,
    words: str,
    *,
    ask: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Cancel the runs that are selected, print what became of them, and return the exit code.

    Runs that are requested after they were counted are left alone.
    """
    async with open_database(settings) as database:
        runs = await selection.runs(database)
        if runs and ask and not await confirmed(f"Cancel {_counted(runs)}?"):
            print_line("nothing was cancelled", error=True)
            return ExitCode.SUCCESS
        ledger = StoredRunProgress(settings.summary_limit)
        bulk = BulkCancel(database, options, ledger, words, selection.statuses)
        done: list[Cancelled] = []
        try:
            async for one in bulk.cancel(runs):
                done += [one]
        except BaseException:
            print_line(f"{_cancelled(done)} of {_counted(runs)} are cancelled", error=True)
            raise
        left: list[str] = []
        if wait:
            in_work = [one.run_id for one in done if one.worker is not None]
            left = await _left(database, in_work, options.lease.total_seconds())
    refused = {one.run_id: one.refused for one in done if one.refused is not None}
    _report(runs, done, refused, left, as_json=as_json)
    return ExitCode.RUN_FAILED if refused or left else ExitCode.SUCCESS


async def _left(database: Database, run_ids: Sequence[str], lease: float) -> list[str]:
    """Wait for the ends that workers are to write; return the runs whose end does not come."""
    give_up = time.monotonic() + lease * LEASES_OF_PATIENCE
    while run_ids:
        left = await not_ended(database, run_ids)
        if not left or time.monotonic() > give_up:
            return left
        await anyio.sleep(_POLL)
    return []


def _report(
    runs: Sequence[NamedRun],
    done: Sequence[Cancelled],
    refused: dict[str, str],
    left: Sequence[str],
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json(_facts(runs, done, refused, left))
        return
    print_line(f"{_cancelled(done)} of {_counted(runs)} are cancelled")
    for reason in list(refused.values())[:_LISTED]:
        print_line(f"dqx-worker: {reason}", error=True)
    if (more := len(refused) - _LISTED) > 0:
        print_line(f"dqx-worker: and {more} more; --json lists all", error=True)
    if left:
        print_line(f"dqx-worker: {errors.many_not_ended_yet(len(left))}", error=True)


def _facts(
    runs: Sequence[NamedRun],
    done: Sequence[Cancelled],
    refused: dict[str, str],
    left: Sequence[str],
) -> dict[str, Any]:
    return {
        "named": len(runs),
        "cancelled": _cancelled(done),
        "runs": [one.run_id for one in done if one.refused is None],
        "refused": [{"run": run, "reason": reason} for run, reason in refused.items()],
        "not_ended": left,
    }


def _cancelled(done: Sequence[Cancelled]) -> int:
    return sum(one.refused is None for one in done)


def _counted(runs: Sequence[NamedRun]) -> str:
    """Return how many runs these are: 3 runs (2 pending, 1 running)."""
    counts = Counter(run.status for run in runs)
    parts = ", ".join(f"{counts[status]} {status}" for status in sorted(counts))
    return f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}" + (f" ({parts})" if parts else "")
