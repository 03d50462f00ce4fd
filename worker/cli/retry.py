"""`dqx-worker retry`: a new request for what a run has left undone."""

from typing import Annotated

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.cli.wait_for_end import print_end
from worker.display.output import print_json, print_line
from worker.runs.requests import find_run
from worker.runs.retry import retry
from worker.settings import Settings

__all__ = ["retry_command"]


def retry_command(
    context: typer.Context,
    *,
    run: Annotated[str, typer.Argument(help="The run's id, or its first 8 characters.")],
    everything: Annotated[
        bool, typer.Option("--all", help="Also the tables that the run has completed.")
    ] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="Then wait for the new run's end and print it; exit 10 if it failed, 11 if it was "
            "cancelled or deleted.",
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help='For programs: {"run": the new id, "of": the run\'s, "schemas": what is retried, '
            "null for all} on a line; with --wait its end on another.",
        ),
    ] = False,
) -> None:
    """Request the tables that a run has not completed, and print the id of the new run.

    The new run has the contract, the user and the options of the old one. The command requires
    INSERT on data_profiling_runs, which the backend's role has and the worker's role does not.
    """

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            run_id = await find_run(database, run)
            made = await retry(database, run_id, everything=everything)
            if as_json:
                print_json({"run": made.run_id, "of": run_id, "schemas": made.schemas})
            else:
                print_line(made.run_id)
            if wait:
                return await print_end(database, made.run_id, as_json=as_json)
            return ExitCode.SUCCESS

    invoke(context, command)
