"""`dqx-worker suggestions`: what a run suggests."""

from typing import Annotated

import typer

from worker.backend.suggestions.read import read_suggestions
from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.display.output import console, print_json, table
from worker.runs.requests import find_run
from worker.settings import Settings

__all__ = ["suggestions_command"]


def suggestions_command(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run's id, or its first 8 characters.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the suggestions of a run."""

    async def command(settings: Settings) -> int:
        async with open_database(settings) as database:
            rows = await read_suggestions(database, await find_run(database, run))
        if as_json:
            print_json(rows)
            return ExitCode.SUCCESS
        columns = ["schema_name", "property_name", "rule", "dimension", "status", "rationale"]
        console.print(
            table(
                ["schema", "property", "rule", "dimension", "status", "why"],
                [[row[name] for name in columns] for row in rows],
            )
        )
        return ExitCode.SUCCESS

    invoke(context, command)
