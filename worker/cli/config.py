"""`dqx-worker config`: the settings that are in force, and where each came from."""

import os
from typing import Annotated, Any

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke
from worker.display.output import console, print_json, print_line, table
from worker.settings import Settings
from worker.settings.load import source
from worker.settings.show_value import shown

__all__ = ["config_command"]

_DEFAULT = "default"


def config_command(
    context: typer.Context,
    *,
    whole: Annotated[
        bool, typer.Option("--all", help="Show the settings that have their default, too.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only check them; exit with 3 if one is wrong.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: all settings.")] = False,
) -> None:
    """Show the settings that are set, and where each came from, with secrets hidden."""

    async def command(settings: Settings) -> int:
        rows = _rows(settings)
        if check:
            print_json({"valid": True}) if as_json else print_line("The settings are right")
        elif as_json:
            print_json(rows)
        else:
            _print(rows if whole else [row for row in rows if row["source"] != _DEFAULT], rows)
        return ExitCode.SUCCESS

    invoke(context, command)


def _print(chosen: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    columns = ["variable", "value", "source"]
    console.print(table(columns, [[row[name] for name in columns] for row in chosen]))
    if others := len(rows) - len(chosen):
        print_line("")
        print_line(f"{others} other settings have their default: dqx-worker config --all")


def _rows(settings: Settings) -> list[dict[str, Any]]:
    """Return each setting; of the two that PGUSER sets, the one that counts."""
    other = "user" if settings.uses_token else "token_user"
    rows = {field: _row(settings, field) for field in Settings.model_fields}
    if rows[other]["variable"] == "PGUSER":
        del rows[other]
    return [*rows.values()]


def _row(settings: Settings, field: str) -> dict[str, Any]:
    variable, origin = source(field, os.environ)
    return {
        "variable": variable,
        "value": shown(getattr(settings, field)),
        "source": origin,
        "meaning": Settings.model_fields[field].description,
    }
