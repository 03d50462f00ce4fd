"""Runs a command's coroutine and turns what it raises into a sentence and an exit code."""

import functools
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import typer

from worker.cli.early_signals import in_a_loop
from worker.cli.event_loop import run_to_end
from worker.cli.exit_codes import exit_code_of, innermost
from worker.credentials.passwords import open_passwords
from worker.database.open_connection import prove_search_path
from worker.database.pool import Database
from worker.display.output import print_line, print_traceback
from worker.settings import Settings, load_settings
from worker.settings.compose_options import (
    credential_options,
    database_options,
    process_name,
    workspace_options,
)
from worker.settings.trimmed_variables import log_trimmed
from worker.telemetry.logs import LogLevel, configure_logs
from worker.telemetry.nonblocking_output import drain_output
from worker.telemetry.redact import redacted
from worker.workspace.sdk_threads import calls_under_way

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from worker.profiling.options import ProfilingOptions
    from worker.profiling.profiler import OpenProfiler, TableProfiler

__all__ = ["LAST_WORDS", "Context", "end_with", "invoke", "leave", "open_database"]


LAST_WORDS = 2.0
"""Seconds that a process waits at its end for its lines to be read."""


def _open_profiler(
    options: "ProfilingOptions", client: "WorkspaceClient"
) -> AbstractAsyncContextManager["TableProfiler"]:
    # Here, so that the other commands never import what a worker needs.
    from worker.profiling.profiler import Profiler

    return Profiler.open(options, client)


@dataclass(slots=True)
class Context:
    """What every command is given."""

    tracebacks: bool = False
    """Show where an error arose; an option before the command."""
    open_profiler: "OpenProfiler" = _open_profiler
    """Opens what profiles the tables of `run` and `job`."""
    program: Sequence[str] = (sys.executable, "-m", "worker")
    """Runs this command line in a process of its own."""
    worker: str = field(default_factory=process_name)
    """The name of this process, in the tables and on every line of its log."""


def invoke(
    context: typer.Context,
    command: Callable[[Settings], Awaitable[int | None]],
    given: Mapping[str, str | None] | None = None,
    *,
    own_signals: bool = False,
) -> None:
    """Run `command` with the settings of the environment, then exit with its code or 0.

    `given` holds variables that the command line overrides, as for `load_settings`. A signal
    cancels the command, unless it deals with signals itself (`own_signals`).
    An error that a person can act on is printed as one line; `--traceback` adds where it arose.
    """

    def prepared() -> Callable[[], Awaitable[int | None]]:
        settings = load_settings(os.environ, given)
        # Commands print their results; `run`, which logs, sets its own level.
        level = settings.log_level if settings.log_level is LogLevel.DEBUG else LogLevel.WARNING
        options: Context = context.obj
        configure_logs(
            settings.log_format, worker=options.worker, tracebacks=options.tracebacks, level=level
        )
        log_trimmed(os.environ)
        return functools.partial(command, settings)

    end_with(context, prepared, own_signals=own_signals)


def end_with(
    context: typer.Context,
    prepared: Callable[[], Callable[[], Awaitable[int | None]]],
    *,
    own_signals: bool = False,
) -> NoReturn:
    """Run what `prepared` returns, then exit with its code or 0; report an error as `invoke`."""
    options: Context = context.obj
    try:
        code = run_to_end(prepared(), own_signals=own_signals)
    # Whatever a command raises ends here, as a sentence or as a defect with its traceback.
    except* Exception as group:  # noqa: BLE001
        error = innermost(group)
        known = exit_code_of(error)
        if options.tracebacks or known is None:
            print_traceback(error)
        if known is None:
            code = 1
        else:
            print_line(f"dqx-worker: {redacted(str(error))}", error=True)
            code = known
    # Python aborts a process whose threads are amid an import when it ends.
    if calls_under_way() and not in_a_loop():
        leave(code or 0)
    raise typer.Exit(code or 0)


def leave(code: int) -> NoReturn:
    """End the process at once, without waiting for threads that hang."""
    drain_output(LAST_WORDS)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the pool for a command that needs the database alone."""
    options = database_options(settings)
    async with (
        open_passwords(credential_options(settings), workspace_options(settings)) as passwords,
        Database.open(options, passwords) as database,
    ):
        async with database.connection() as connection:
            await prove_search_path(connection, options)
        yield database
