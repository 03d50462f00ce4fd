"""`dqx-worker job`: one run, by the parameters of the Databricks job that this replaces."""

import os
import re
from collections.abc import Sequence
from typing import Annotated

import click
import typer

from worker import __version__
from worker.attempt.errors import RequestRefused
from worker.attempt.outcome import Abandoned, Ended, Outcome, Postponed, TakenAway
from worker.attempt.plan import parsed_names
from worker.cli import errors
from worker.cli.command import Command
from worker.cli.early_signals import in_a_loop
from worker.cli.exit_codes import ExitCode, code_of_end, exit_code_of, innermost
from worker.cli.invoke import Context, invoke, leave
from worker.cli.job_log import JobLog
from worker.cli.output import survive_output
from worker.queue.errors import RunEnded
from worker.settings import Settings
from worker.settings.compose_options import job_options
from worker.settings.overruled import log_overruled
from worker.telemetry.events import Event
from worker.telemetry.logs import LogLevel, configure_logs, get_logger
from worker.telemetry.streams import unblock_output
from worker.telemetry.subscribe import subscribe

__all__ = ["JobCommand", "job_command"]

log = get_logger(__name__)

_HIGHEST_PORT = 65535
_NAME = re.compile(r"--[A-Za-z][\w.-]*(?=$|=)")


class JobCommand(Command):
    """Takes `--help` among other parameters for one of the runner's own.

    A launch that only printed the help would pass for one that has done its work.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line; help is for who asks for nothing else."""
        if len(args) > 1:
            ctx.help_option_names = []
        return super().parse_args(ctx, args)


def _named(value: str) -> str:
    if not value.strip():
        raise typer.BadParameter(errors.empty())
    return value


def _port(value: str) -> str:
    if value and not (value.isdecimal() and 0 < int(value) <= _HIGHEST_PORT):
        raise typer.BadParameter(errors.not_a_port(_HIGHEST_PORT))
    return value


def job_command(
    context: typer.Context,
    *,
    contract_id: Annotated[
        str,
        typer.Option("--contract_id", "--contract-id", help="The contract's id.", callback=_named),
    ],
    schema_names: Annotated[
        str,
        typer.Option(
            "--schema_names",
            "--schema-names",
            help="A JSON array of schema names.",
            callback=_named,
        ),
    ],
    profile_run_id: Annotated[
        str,
        typer.Option("--profile_run_id", "--profile-run-id", help="The run's id.", callback=_named),
    ],
    lakebase_instance_name: Annotated[
        str,
        typer.Option(
            "--lakebase_instance_name",
            "--lakebase-instance-name",
            help=(
                "Log in to this Lakebase instance, branch or endpoint with tokens, whatever else "
                "the environment says."
            ),
        ),
    ] = "",
    postgres_host: Annotated[
        str,
        typer.Option(
            "--postgres_host",
            "--postgres-host",
            help="Where Postgres is; with tokens, a host that the workspace names.",
        ),
    ] = "",
    postgres_db: Annotated[
        str, typer.Option("--postgres_db", "--postgres-db", help="The backend's database.")
    ] = "",
    postgres_port: Annotated[
        str,
        typer.Option(
            "--postgres_port", "--postgres-port", help="Its port; 5432 if unset.", callback=_port
        ),
    ] = "",
    postgres_schema: Annotated[
        str,
        typer.Option(
            "--postgres_schema",
            "--postgres-schema",
            help="The Postgres schema of the backend's tables; public if unset.",
        ),
    ] = "",
    product_name: Annotated[  # noqa: ARG001
        str, typer.Option("--product_name", "--product-name", help="The launcher's, for the log.")
    ] = "",
    product_version: Annotated[  # noqa: ARG001
        str,
        typer.Option("--product_version", "--product-version", help="Its version, for the log."),
    ] = "",
    tables: Annotated[
        str,
        typer.Option(
            "--tables",
            help="Tables that may be profiled, such as main.sales.*, separated by commas.",
        ),
    ] = "",
) -> None:
    """Profile the tables of one run, then exit; for a job runner.

    What is not given, or is empty, comes from the environment.
    """
    given: dict[str, str | None] = {
        "LAKEBASE_INSTANCE_NAME": lakebase_instance_name,
        # By the names that count most.
        "PGHOST": postgres_host,
        "PGDATABASE": postgres_db,
        "PGPORT": postgres_port,
        "PGSCHEMA": postgres_schema,
        "DQX_WORKER_TABLES": tables,
    }
    survive_output()
    if not in_a_loop():
        unblock_output()
    given = {name: value for name, value in given.items() if value}
    if lakebase_instance_name:
        given["LAKEBASE_ENDPOINT"] = None

    async def command(settings: Settings) -> int:
        # Here, so that the other commands never import what a worker needs.
        from worker.process.job import JobRequest, run_job

        # The phases are for people, and tell of warnings too: they need no second telling.
        options: Context = context.obj
        if settings.log_level is not LogLevel.DEBUG:
            configure_logs(settings.log_format, tracebacks=options.tracebacks, level=LogLevel.ERROR)
        subscribe(printed := JobLog())
        printed.say("job parameters", f"dqx-worker {__version__}")
        for name, value in context.params.items():
            printed.say("job parameters", f"--{name} {value or '(not given)'}")
        log_overruled(settings, os.environ, given)
        for name in _unknown(context.args):
            log.warning(Event.JOB_PARAMETER_IGNORED, parameter=name)
        request = JobRequest(
            run_id=profile_run_id, contract_id=contract_id, schema_names=schema_names
        )
        try:
            end = await run_job(job_options(settings), request, open_profiler=options.open_profiler)
        except Exception as error:
            ended = innermost(error)
            printed.say("finish", str(ended) or type(ended).__name__)
            if not isinstance(ended, RunEnded):
                raise
            return code_of_end(ended.status)
        code = end.stopped if end.outcome is None else _exit_code(end.outcome)
        # The run's row tells of them too; that they are wrong is the command line's fault.
        if code == ExitCode.RUN_FAILED and not _readable(schema_names):
            code = ExitCode.USAGE
        printed.say("finish", f"exit code {int(code)}")
        if end.hanging:
            leave(code)
        return code

    invoke(context, command, given, own_signals=True)


def _exit_code(outcome: Outcome) -> int:
    match outcome:
        case Ended(run_result, error):
            return (error and exit_code_of(error)) or code_of_end(run_result.status)
        case TakenAway():
            return ExitCode.RUN_CANCELLED
        case Postponed():
            # Never of a job's run; its launcher would decide.
            return ExitCode.RUN_FAILED
        case Abandoned(error):
            raise error


def _readable(schema_names: str) -> bool:
    try:
        parsed_names(schema_names)
    except RequestRefused:
        return False
    return True


def _unknown(extra: Sequence[str]) -> list[str]:
    """Return the names in what the command line holds beyond its parameters; never a value.

    What follows a name may be its value, and what begins with one dash may hold one.
    """
    matches = [_NAME.match(one) for one in extra]
    names = [match[0] for match in matches if match]
    return names or ["an argument without a name"] * len(extra)
