"""`dqx-worker config`: the settings that are in force, and where each came from."""

import os
from typing import Annotated, Any

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke
from worker.cli.output import console, print_json, table, tell
from worker.settings import Settings
from worker.settings.load import source
from worker.settings.values import shown

__all__ = ["config_command"]


def config_command(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Only check them; exit with 3 if one is wrong.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the settings in force, where each came from, secrets hidden."""

    async def command(settings: Settings) -> int:
        rows = [_row(settings, name) for name in Settings.model_fields]
        if check:
            print_json({"valid": True}) if as_json else tell("The settings are right")
        elif as_json:
            print_json(rows)
        else:
            columns = ["variable", "value", "source"]
            console.print(table(columns, [[row[name] for name in columns] for row in rows]))
        return ExitCode.SUCCESS

    invoke(context, command)


def _row(settings: Settings, field: str) -> dict[str, Any]:
    variable, whence = source(field, os.environ)
    return {
        "variable": variable,
        "value": shown(getattr(settings, field)),
        "source": whence,
        "meaning": Settings.model_fields[field].description,
    }
