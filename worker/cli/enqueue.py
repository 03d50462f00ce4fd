"""`dqx-worker enqueue`: a request, inserted as the backend inserts it."""

import getpass
from typing import Annotated

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.cli.wait_for_end import print_end
from worker.display.output import print_json, print_line
from worker.runs.requests import enqueue
from worker.settings import Settings

__all__ = ["enqueue_command"]


def enqueue_command(
    context: typer.Context,
    contract: Annotated[str, typer.Option("--contract", help="The contract's id.")],
    schema: Annotated[list[str], typer.Option("--schema", help="A schema name; may be repeated.")],
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="Then wait for the run's end and print it; exit 10 if it failed, 11 if it was "
            "cancelled or deleted.",
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help='For programs: {"run": its id} on a line; with --wait its end on another.',
        ),
    ] = False,
) -> None:
    """Insert a profiling request and print the run's id as soon as it is committed.

    It requires INSERT on data_profiling_runs, which the backend's role has and the worker's role
    does not; --wait requires SELECT on it, too.
    """

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            run_id = await enqueue(
                database,
                contract_id=contract,
                schema_names=schema,
                triggered_by=f"dqx-worker enqueue ({getpass.getuser()})",
            )
            print_json({"run": run_id}) if as_json else print_line(run_id)
            if wait:
                return await print_end(database, run_id, as_json=as_json)
            return ExitCode.SUCCESS

    invoke(context, command)
