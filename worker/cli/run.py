"""`dqx-worker run`: the worker itself."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.exit_codes import exit_code_of, innermost
from worker.cli.invoke import Context, invoke, leave
from worker.settings import Settings
from worker.settings.compose_options import ignored_variables, worker_options
from worker.settings.overruled_variables import log_overruled
from worker.telemetry.events import Event
from worker.telemetry.logs import configure_logs, get_logger
from worker.telemetry.nonblocking_output import unblock_output
from worker.telemetry.run_fields import run_fields

if TYPE_CHECKING:
    from worker.process.worker import WorkerEnd

__all__ = ["run_command"]

log = get_logger(__name__)


def run_command(
    context: typer.Context,
    drain: Annotated[
        bool,
        typer.Option(
            "--drain", help="End when no request is left that this worker could ever claim."
        ),
    ] = False,
    only: Annotated[
        str | None,
        typer.Option("--only", hidden=True, help="Make the last try of this run, and end."),
    ] = None,
) -> None:
    """Take requests and profile their tables, until SIGTERM or SIGINT."""
    unblock_output()

    async def command(settings: Settings) -> int:
        _start_log(context.obj, settings)
        try:
            end = await _run(context.obj, settings, drain=drain, only=only)
        except Exception as error:
            code = _log_failure(error, only)
            if code is None:
                raise
            return code
        ended_with = (end.error and exit_code_of(end.error)) or end.stopped
        if end.hanging:
            leave(ended_with)
        return ended_with

    invoke(context, command, own_signals=True)


def _start_log(options: Context, settings: Settings) -> None:
    """Set up the log, and log which variables are ignored."""
    configure_logs(
        settings.log_format,
        worker=options.worker,
        tracebacks=options.tracebacks,
        level=settings.log_level,
    )
    log_overruled(settings, os.environ)
    for variable in ignored_variables(settings):
        log.warning(
            Event.CREDENTIAL_SETTING_IGNORED,
            variable=variable,
            reason="a LAKEBASE_ variable is set: the login is a token's",
        )


async def _run(
    options: Context, settings: Settings, *, drain: bool, only: str | None
) -> "WorkerEnd":
    # Here, so that the other commands never import what a worker needs.
    from worker.process.last_try import Program
    from worker.process.last_try_process import run_isolated
    from worker.process.worker import run_worker

    profiler, own_options = options.open_profiler, worker_options(settings, options.worker)
    if only is not None:
        return await run_isolated(own_options, only, open_profiler=profiler)
    own = [*options.program, *(["--traceback"] if options.tracebacks else [])]
    return await run_worker(
        own_options,
        drain=drain,
        open_profiler=profiler,
        program=Program(own, dict(os.environ)),
    )


def _log_failure(error: Exception, only: str | None) -> int | None:
    """Log an error that ends the worker, and return its exit code; None if it has none."""
    cause = innermost(error)
    code = exit_code_of(cause)
    if code is None:
        return None
    # The log is what this command prints: the error is one line of it.
    facts = {"error": str(cause), "exit_code": int(code), "exc_info": cause}
    if only is not None:
        log.error(Event.RUN_NOT_ISOLATED, **run_fields(only), **facts)
    else:
        log.error(Event.WORKER_FAILED, **facts)
    return code
