"""`dqx-worker queue` and `dqx-worker workers`: what waits, who works, how long it will take."""

from typing import Annotated

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.display.output import console, print_json
from worker.display.queue_tables import queue_table, workers_table
from worker.runs.adopt import unheld_runs
from worker.runs.queue_state import read_queue, read_workers
from worker.settings import Settings

__all__ = ["queue_command", "workers_command"]

_MOST_WORKERS = 200
_JSON = typer.Option("--json", help="For programs.")


def queue_command(context: typer.Context, *, as_json: Annotated[bool, _JSON] = False) -> None:
    """Show what waits and what is in work, the workers, and the estimated time left."""

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            queue = await read_queue(database)
            unheld = await unheld_runs(database) if queue["without_lease"] else []
        if as_json:
            print_json(queue)
        else:
            console.print(queue_table(queue, unheld))
        return ExitCode.SUCCESS

    invoke(context, command)


def workers_command(context: typer.Context, *, as_json: Annotated[bool, _JSON] = False) -> None:
    """Show the workers of the last day: alive, silent, lost or stopped, and the runs of each."""

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            workers = await read_workers(database, _MOST_WORKERS)
        if as_json:
            print_json(workers)
        else:
            console.print(workers_table(workers))
        return ExitCode.SUCCESS

    invoke(context, command)
