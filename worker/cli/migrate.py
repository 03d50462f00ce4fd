"""`dqx-worker migrate`: the worker's own schema."""

from typing import Annotated

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.cli.output import print_json, tell
from worker.database.migrate import migrate, pending_migrations
from worker.process.passwords import open_passwords
from worker.settings import Settings
from worker.settings.options import credential_options, database_options, workspace_options

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
        options = database_options(settings)
        if check:
            async with open_database(settings) as database, database.connection() as connection:
                names = await pending_migrations(connection, options)
        else:
            async with open_passwords(
                credential_options(settings), workspace_options(settings)
            ) as passwords:
                names = await migrate(options, passwords)
        if as_json:
            print_json({"schema": options.own_schema, "pending" if check else "applied": names})
        elif names:
            tell(f"{'To do' if check else 'Applied'} in {options.own_schema}: {', '.join(names)}")
        else:
            tell(f"{options.own_schema} is up to date")
        return ExitCode.SCHEMA_VERSION if check and names else ExitCode.SUCCESS

    invoke(context, command)
