"""`dqx-worker migrate`: the worker's own schema."""

from typing import Annotated

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.cli.output import print_json
from worker.database.migrate import migrate, pending_migrations
from worker.settings import Settings

__all__ = ["migrate_command"]


def migrate_command(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 5 where something is to do.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Make the worker's own schema, or bring it up to date."""

    async def command(settings: Settings) -> int:
        options = settings.database_options()
        if check:
            async with open_database(settings) as database, database.connection() as connection:
                names = await pending_migrations(connection, options)
        else:
            names = await migrate(options, settings.password_source())
        if as_json:
            print_json({"schema": options.own_schema, "pending" if check else "applied": names})
        elif names:
            print(f"{'To do' if check else 'Applied'} in {options.own_schema}: {', '.join(names)}")
        else:
            print(f"{options.own_schema} is up to date")
        return ExitCode.SCHEMA_VERSION if check and names else ExitCode.SUCCESS

    invoke(context, command)
