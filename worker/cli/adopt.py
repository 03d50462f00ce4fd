"""`dqx-worker adopt`: put a running run that no worker holds back into the queue."""

import getpass
from typing import Annotated
from uuid import uuid4

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.display.output import print_json, print_line
from worker.progress.stored_run_progress import StoredRunProgress
from worker.runs.adopt import adopt
from worker.runs.errors import adopted
from worker.runs.requests import find_run
from worker.settings import Settings
from worker.settings.compose_options import queue_options

__all__ = ["adopt_command"]


def adopt_command(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run's id, or its first 8 characters.")],
    by: Annotated[str, typer.Option("--by", help="Who; by default this machine's user.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Take over a run that is `running` and held by no worker, if no program works on it.

    It goes back to `pending`; if it has a run_id, a job's, it ends `failed`.
    """

    async def command(settings: Settings) -> int:
        who = by.strip() or getpass.getuser()
        options = queue_options(settings, f"adopt-{uuid4().hex[:8]}")
        async with open_database(settings) as database:
            ledger = StoredRunProgress(settings.summary_limit)
            run_id = await find_run(database, run)
            rescued = await adopt(database, options, ledger, run_id, adopted(who))
        if as_json:
            print_json({"run": run_id, "status": rescued.outcome, "reason": rescued.reason})
        else:
            print_line(f"run {run_id} is {rescued.outcome}: {rescued.reason}")
        return ExitCode.SUCCESS

    invoke(context, command)
