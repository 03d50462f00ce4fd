"""`dqx-worker cancel`: an operator ends a run that is waiting or in work."""

import getpass
import time
from typing import Annotated
from uuid import uuid4

import anyio
import typer

from worker.cli import errors
from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.cli.output import print_json, print_line
from worker.database.pool import Database
from worker.progress.stored_run_progress import StoredRunProgress
from worker.runs.cancel import cancel
from worker.runs.errors import cancelled
from worker.runs.requests import find_run, read_run
from worker.settings import Settings
from worker.settings.compose_options import queue_options

__all__ = ["cancel_command"]

_POLL = 0.2
# Leases: one for its worker to notice, one for another to take over from it.
_PATIENCE = 3


def cancel_command(
    context: typer.Context,
    *,
    run: Annotated[str, typer.Argument(help="The run's id, or its first 8 characters.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; people read it in the run's row.")],
    by: Annotated[str, typer.Option("--by", help="Who; by default this machine's user.")] = "",
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until its worker has ended it.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """End a run that is waiting or in work; what is done of it stays."""

    async def command(settings: Settings) -> int:
        who = by.strip() or getpass.getuser()
        options = queue_options(settings, f"cancel-{uuid4().hex[:8]}")
        async with open_database(settings) as database:
            run_id = await find_run(database, run)
            done = await cancel(
                database,
                options,
                StoredRunProgress(settings.summary_limit),
                run_id,
                cancelled(who, reason.strip()),
            )
            status: str | None = None
            if wait or done.worker is None:
                patience = options.lease.total_seconds() * _PATIENCE
                status = await _end_of(database, run_id, patience)
        if as_json:
            print_json(
                {"run": run_id, "status": status, "words": done.words, "worker": done.worker}
            )
        elif status is not None:
            print_line(f"run {run_id} ended {status}: {done.words}")
        elif not wait:
            print_line(f"run {run_id} is to be ended by {done.worker}: {done.words}")
        if wait and status is None:
            print_line(f"dqx-worker: {errors.not_ended_yet(run_id, str(done.worker))}", error=True)
            return ExitCode.RUN_FAILED
        return ExitCode.SUCCESS

    invoke(context, command)


async def _end_of(database: Database, run: str, patience: float) -> str | None:
    """Wait for the run's end and return its status; None if it does not come."""
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up:
        row = await read_run(database, run)
        if row is None:
            return "deleted"
        if row["status"] not in ("pending", "running"):
            return str(row["status"])
        await anyio.sleep(_POLL)
    return None
