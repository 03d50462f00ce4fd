"""The parameters of `dqx-worker job`, as the runner of the replaced job passes them."""

import re
from collections.abc import Sequence
from typing import Annotated

import click
import typer

from worker.cli import errors
from worker.cli.argument_help import Command

__all__ = [
    "ContractId",
    "JobCommand",
    "LakebaseName",
    "PostgresDatabase",
    "PostgresHost",
    "PostgresPort",
    "PostgresSchema",
    "ProductName",
    "ProductVersion",
    "RunId",
    "SchemaNames",
    "Tables",
    "unknown_names",
]

_HIGHEST_PORT = 65535
_NAME = re.compile(r"--[A-Za-z][\w.-]*(?=$|=)")


class JobCommand(Command):
    """Takes `--help` among other parameters for one of the runner's own.

    A launch that only printed the help would pass for one that has done its work.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line; `--help` counts only if it is the only argument."""
        if len(args) > 1:
            ctx.help_option_names = []
        return super().parse_args(ctx, args)


def _not_empty(value: str) -> str:
    if not value.strip():
        raise typer.BadParameter(errors.empty())
    return value


def _port(value: str) -> str:
    if value and not (value.isdecimal() and 0 < int(value) <= _HIGHEST_PORT):
        raise typer.BadParameter(errors.not_a_port(_HIGHEST_PORT))
    return value


ContractId = Annotated[
    str,
    typer.Option("--contract_id", "--contract-id", help="The contract's id.", callback=_not_empty),
]
SchemaNames = Annotated[
    str,
    typer.Option(
        "--schema_names",
        "--schema-names",
        help="A JSON array of schema names.",
        callback=_not_empty,
    ),
]
RunId = Annotated[
    str,
    typer.Option("--profile_run_id", "--profile-run-id", help="The run's id.", callback=_not_empty),
]
LakebaseName = Annotated[
    str,
    typer.Option(
        "--lakebase_instance_name",
        "--lakebase-instance-name",
        help=(
            "Log in to this Lakebase instance, branch or endpoint with tokens, whatever else "
            "the environment says."
        ),
    ),
]
PostgresHost = Annotated[
    str,
    typer.Option(
        "--postgres_host",
        "--postgres-host",
        help="Where Postgres is; with tokens, a host that the workspace names.",
    ),
]
PostgresDatabase = Annotated[
    str, typer.Option("--postgres_db", "--postgres-db", help="The backend's database.")
]
PostgresPort = Annotated[
    str,
    typer.Option(
        "--postgres_port", "--postgres-port", help="Its port; 5432 if unset.", callback=_port
    ),
]
PostgresSchema = Annotated[
    str,
    typer.Option(
        "--postgres_schema",
        "--postgres-schema",
        help="The Postgres schema of the backend's tables; public if unset.",
    ),
]
ProductName = Annotated[
    str, typer.Option("--product_name", "--product-name", help="The launcher's, for the log.")
]
ProductVersion = Annotated[
    str, typer.Option("--product_version", "--product-version", help="Its version, for the log.")
]
Tables = Annotated[
    str,
    typer.Option(
        "--tables",
        help="Tables that may be profiled, such as main.sales.*, separated by commas.",
    ),
]


def unknown_names(extra: Sequence[str]) -> list[str]:
    """Return the names of parameters that the command does not have; never a value.

    An argument after a name may be its value, and one that begins with one dash may hold one.
    """
    matches = [_NAME.match(one) for one in extra]
    names = [match[0] for match in matches if match]
    return names or ["an argument without a name"] * len(extra)
