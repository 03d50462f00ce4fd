"""`dqx-worker job`: one run, by the parameters of the Databricks job that this replaces."""

import functools
import os
from collections.abc import Mapping

import typer

from worker import __version__
from worker.attempt.errors import RequestRefused
from worker.attempt.outcome import Abandoned, Ended, Outcome, Postponed, TakenAway
from worker.attempt.plan import parsed_names
from worker.cli.early_signals import in_a_loop
from worker.cli.exit_codes import ExitCode, code_of_end, exit_code_of, innermost
from worker.cli.invoke import Context, invoke, leave
from worker.cli.job_parameters import (
    ContractId,
    LakebaseName,
    PostgresDatabase,
    PostgresHost,
    PostgresPort,
    PostgresSchema,
    ProductName,
    ProductVersion,
    RunId,
    SchemaNames,
    Tables,
    unknown_names,
)
from worker.display.job_log import JobLog
from worker.display.output import survive_output
from worker.queue.errors import RunEnded
from worker.settings import Settings
from worker.settings.compose_options import job_options
from worker.settings.overruled_variables import log_overruled
from worker.telemetry.events import Event
from worker.telemetry.logs import LogLevel, configure_logs, get_logger
from worker.telemetry.nonblocking_output import unblock_output
from worker.telemetry.subscribe import subscribe

__all__ = ["job_command"]

log = get_logger(__name__)


def job_command(
    context: typer.Context,
    *,
    contract_id: ContractId,  # noqa: ARG001
    schema_names: SchemaNames,  # noqa: ARG001
    profile_run_id: RunId,  # noqa: ARG001
    lakebase_instance_name: LakebaseName = "",
    postgres_host: PostgresHost = "",
    postgres_db: PostgresDatabase = "",
    postgres_port: PostgresPort = "",
    postgres_schema: PostgresSchema = "",
    product_name: ProductName = "",  # noqa: ARG001
    product_version: ProductVersion = "",  # noqa: ARG001
    tables: Tables = "",
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
    invoke(context, functools.partial(_work, context, given), given, own_signals=True)


async def _work(context: typer.Context, given: Mapping[str, str | None], settings: Settings) -> int:
    """Work on the run and print its phases; return the exit code."""
    # Here, so that the other commands never import what a worker needs.
    from worker.process.job import JobRequest, run_job

    options: Context = context.obj
    printed = _log_phases(context, settings)
    log_overruled(settings, os.environ, given)
    for name in unknown_names(context.args):
        log.warning(Event.JOB_PARAMETER_IGNORED, parameter=name)
    request = JobRequest(
        run_id=context.params["profile_run_id"],
        contract_id=context.params["contract_id"],
        schema_names=context.params["schema_names"],
    )
    try:
        end = await run_job(
            job_options(settings, options.worker), request, open_profiler=options.open_profiler
        )
    except Exception as error:
        ended = innermost(error)
        printed.say("finish", str(ended) or type(ended).__name__)
        if not isinstance(ended, RunEnded):
            raise
        return code_of_end(ended.status)
    code = end.stopped if end.outcome is None else _exit_code(end.outcome)
    # The run's row says that the names are wrong, too; but the command line is at fault.
    if code == ExitCode.RUN_FAILED and not _readable(request.schema_names):
        code = ExitCode.USAGE
    printed.say("finish", f"exit code {int(code)}")
    if end.hanging:
        leave(code)
    return code


def _log_phases(context: typer.Context, settings: Settings) -> JobLog:
    """Print the parameters, and from now on a line for each phase."""
    options: Context = context.obj
    # The phases are for people and include warnings: the log does not repeat them.
    if settings.log_level is not LogLevel.DEBUG:
        configure_logs(
            settings.log_format,
            worker=options.worker,
            tracebacks=options.tracebacks,
            level=LogLevel.ERROR,
        )
    subscribe(printed := JobLog())
    printed.say("job parameters", f"dqx-worker {__version__}")
    for name, value in context.params.items():
        printed.say("job parameters", f"--{name} {value or '(not given)'}")
    return printed


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
