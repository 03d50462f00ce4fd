"""`dqx-worker status`: the queue and the newest runs, or one run with its tables."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from worker.cli import errors
from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.cli.watch_run import watch_run
from worker.database.pool import Database
from worker.display.output import console, print_json
from worker.display.queue_tables import queue_head
from worker.display.status_tables import one_run, runs_table
from worker.display.watch_queue import watch_queue
from worker.runs.live import Moment, read_moment
from worker.runs.queue_state import read_queue
from worker.runs.requests import find_run, read_run, read_summaries, read_tables, recent_runs
from worker.settings import Settings

__all__ = ["status_command"]

_NEWEST = 20
_AT_MOST = 1000


class Status(StrEnum):
    """The statuses of the backend's runs."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


def status_command(
    context: typer.Context,
    *,
    run: Annotated[
        str | None,
        typer.Argument(help="The run's id, or its first 8 characters; without it, the newest."),
    ] = None,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Follow until the run ends; exit 10 if it failed, 11 if it was cancelled or "
            "deleted. Without a run, follow the queue, the workers and the runs. If the output is "
            "no terminal, print a line for each change.",
        ),
    ] = False,
    status: Annotated[
        Status | None, typer.Option("--status", help="Only runs with this status.")
    ] = None,
    contract: Annotated[
        str | None, typer.Option("--contract", help="Only runs of the contract with this id.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=_AT_MOST, help="Show at most this many runs.")
    ] = _NEWEST,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the state of the queue and the newest runs, or one run with its tables."""
    if run is not None and (status or contract or limit != _NEWEST):
        raise typer.BadParameter(errors.one_run_needs_no_selection())

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            if run is not None:
                run_id = await find_run(database, run)
                return await _one(database, run_id, watch=watch, as_json=as_json)

            async def newest() -> list[dict[str, Any]]:
                return await recent_runs(database, limit, status=status, contract=contract)

            async def moment() -> Moment:
                return await read_moment(database, limit, status=status, contract=contract)

            if as_json:
                print_json(await newest())
            elif watch:
                await watch_queue(moment, limit)
            else:
                console.print(queue_head(await read_queue(database)), end="\n\n")
                console.print(runs_table(await newest()))
            return ExitCode.SUCCESS

    invoke(context, command)


async def _one(database: Database, run_id: str, *, watch: bool, as_json: bool) -> int:
    code = ExitCode.SUCCESS
    if watch:
        code = await watch_run(database, run_id, silent=as_json)
        if not as_json:
            return code
    run = await read_run(database, run_id)
    # Deleted since it was found: what followed it has reported that.
    if run is None:
        return code
    tables = await read_tables(database, run_id)
    if not as_json:
        console.print(one_run(run, tables))
        return code
    whole = await read_summaries(database, run_id)
    for one in tables:
        one["summary"] = whole.get(one["schema_name"])
    print_json({**run, "tables": tables})
    return code
