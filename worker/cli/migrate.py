"""`dqx-worker migrate`: the worker's own schema, and the backend's rights in it."""

from dataclasses import replace
from typing import Annotated

import typer

from worker.cli.exit_codes import ExitCode
from worker.cli.invoke import invoke, open_database
from worker.credentials.passwords import open_passwords
from worker.database.errors import UnknownRole
from worker.database.grants import grant, grants_to_do
from worker.database.migrate import migrate, pending_migrations
from worker.database.options import DatabaseOptions
from worker.display.output import print_json, print_line
from worker.settings import Settings
from worker.settings.compose_options import credential_options, database_options, workspace_options

__all__ = ["migrate_command"]


def migrate_command(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 5 if something is to do.")
    ] = False,
    roles: Annotated[
        list[str] | None,
        typer.Option(
            "--grant-to",
            metavar="ROLE",
            help="Role of the backend that may write options of a run and read its progress; "
            "may be given several times.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Make the worker's own schema, or bring it up to date."""
    given = tuple(roles or ())

    async def command(settings: Settings) -> int:
        options = database_options(settings)
        options = replace(options, grant_to=(*options.grant_to, *given))
        try:
            names, grants = await (_to_do if check else _done)(settings, options)
        except UnknownRole as error:
            if error.role not in given:
                raise
            print_line(f"dqx-worker: {error}", error=True)
            return ExitCode.USAGE
        _report(options.own_schema, names, grants, check=check, as_json=as_json)
        return ExitCode.SCHEMA_VERSION if check and (names or grants) else ExitCode.SUCCESS

    invoke(context, command)


async def _to_do(settings: Settings, options: DatabaseOptions) -> tuple[list[str], list[str]]:
    async with open_database(settings) as database, database.connection() as connection:
        names = await pending_migrations(connection, options)
        return names, await grants_to_do(connection, options)


async def _done(settings: Settings, options: DatabaseOptions) -> tuple[list[str], list[str]]:
    async with open_passwords(
        credential_options(settings), workspace_options(settings)
    ) as passwords:
        names = await migrate(options, passwords)
        return names, await grant(options, passwords)


def _report(
    schema: str, names: list[str], grants: list[str], *, check: bool, as_json: bool
) -> None:
    done = "pending" if check else "applied"
    if as_json:
        print_json({"schema": schema, done: names, "grants": grants})
        return
    if names:
        print_line(f"{'To do' if check else 'Applied'} in {schema}: {', '.join(names)}")
    for statement in grants:
        print_line(f"{'To do' if check else 'Done'}: {statement}")
    if not names and not grants:
        print_line(f"{schema} is up to date")
