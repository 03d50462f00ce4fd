"""`dqx-worker enqueue`: a request, inserted as the backend inserts it."""

import getpass
from typing import Annotated

import anyio
import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.cli.output import console, print_json, seconds, styled_status
from worker.database.pool import Database
from worker.queue.requests import enqueue, read_run
from worker.settings import Settings

__all__ = ["enqueue_command"]

_POLL = 0.5
_ENDS = {
    "completed": ExitCode.SUCCESS,
    "failed": ExitCode.RUN_FAILED,
    "cancelled": ExitCode.RUN_CANCELLED,
}


def enqueue_command(
    context: typer.Context,
    contract: Annotated[str, typer.Option("--contract", help="The contract's id.")],
    schema: Annotated[list[str], typer.Option("--schema", help="A schema name; may be repeated.")],
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end; exit 10 where the run failed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Insert a profiling request and print its id."""

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            run_id = await enqueue(
                database,
                contract_id=contract,
                schema_names=schema,
                triggered_by=f"dqx-worker enqueue ({getpass.getuser()})",
            )
            if not wait:
                print_json({"run": run_id}) if as_json else print(run_id)
                return ExitCode.SUCCESS
            return await _wait(database, run_id, as_json=as_json)

    invoke(context, command)


async def _wait(database: Database, run_id: str, *, as_json: bool) -> int:
    while True:
        run = await read_run(database, run_id)
        status = run["status"] if run else "deleted"
        if status not in ("pending", "running"):
            break
        await anyio.sleep(_POLL)
    if as_json:
        print_json(run)
    elif run:
        console.print(
            f"{run_id} {styled_status(status)} after {seconds(run['elapsed'])}: "
            f"{run['suggestions']} suggestions"
        )
        if run["error_message"]:
            console.print(run["error_message"], markup=False)
    return _ENDS.get(status, ExitCode.RUN_CANCELLED)
