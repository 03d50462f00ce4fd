"""`dqx-worker prune`: keeps the worker's own tables small. Workers do so by themselves, too."""

from typing import Annotated

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.display.output import print_json, print_line
from worker.maintenance.prune import prune_evidence, prune_page
from worker.queue.options import Retention
from worker.settings import Settings
from worker.settings.compose_options import options_of

__all__ = ["prune_command"]


def prune_command(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Drop what is kept of runs that ended long ago or are gone, and of workers that are gone.

    DQX_WORKER_KEEP_RUNS and DQX_WORKER_KEEP_WORKERS say how long; the backend's rows stay.
    """

    async def command(settings: Settings) -> int:
        runs = workers = 0
        after = None
        async with open_database(settings) as database:
            while True:
                pruned = await prune_page(database, options_of(Retention, settings), after)
                runs += pruned.runs
                workers += pruned.workers
                after = pruned.after
                if after is None and pruned.workers == 0:
                    break
            while (after := await prune_evidence(database, after)) is not None:
                continue
        if as_json:
            print_json({"runs": runs, "workers": workers})
        else:
            print_line(f"dropped what was kept of {runs} runs and {workers} workers")
        return ExitCode.SUCCESS

    invoke(context, command)
