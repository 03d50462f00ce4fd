"""The entry point `dqx-worker`: the commands and the options before them."""

from collections.abc import Sequence
from typing import Annotated

import typer

from worker import __version__
from worker.cli.adopt import adopt_command
from worker.cli.argument_help import Command
from worker.cli.cancel import cancel_command
from worker.cli.checks import checks_command
from worker.cli.config import config_command
from worker.cli.doctor import doctor_command
from worker.cli.enqueue import enqueue_command
from worker.cli.invoke import LAST_WORDS, Context
from worker.cli.job import job_command
from worker.cli.job_parameters import JobCommand
from worker.cli.migrate import migrate_command
from worker.cli.pause import pause_command, resume_command
from worker.cli.prune import prune_command
from worker.cli.queue import queue_command, workers_command
from worker.cli.retry import retry_command
from worker.cli.run import run_command
from worker.cli.status import status_command
from worker.cli.suggestions import suggestions_command
from worker.telemetry.nonblocking_output import drain_output

__all__ = ["app", "main"]

app = typer.Typer(
    name="dqx-worker",
    help="Turns profiling requests in Postgres into data-quality rule suggestions.",
    no_args_is_help=True,
    # The pretty tracebacks of this library show local variables.
    pretty_exceptions_enable=False,
    # Every command inherits it.
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"dqx-worker {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where an error arose, not only its sentence.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that precede every command."""
    context.ensure_object(Context).tracebacks = traceback


app.command("run", cls=Command)(run_command)
# A job runner may add parameters of its own.
app.command(
    "job",
    cls=JobCommand,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(job_command)
app.command("enqueue", cls=Command)(enqueue_command)
app.command("status", cls=Command)(status_command)
app.command("queue", cls=Command)(queue_command)
app.command("workers", cls=Command)(workers_command)
app.command("cancel", cls=Command)(cancel_command)
app.command("retry", cls=Command)(retry_command)
app.command("adopt", cls=Command)(adopt_command)
app.command("pause", cls=Command)(pause_command)
app.command("resume", cls=Command)(resume_command)
app.command("prune", cls=Command)(prune_command)
app.command("suggestions", cls=Command)(suggestions_command)
app.command("checks", cls=Command)(checks_command)
app.command("migrate", cls=Command)(migrate_command)
app.command("config", cls=Command)(config_command)
app.command("doctor", cls=Command)(doctor_command)


@app.command("version", cls=Command)
def version_command() -> None:
    """Print the version."""
    print(__version__)


def main(arguments: Sequence[str] | None = None, context: Context | None = None) -> None:
    """Run the command line; return on success, else raise `SystemExit` with the exit code.

    `arguments` are those of the process by default. `context` is what the command is given.
    A Databricks task takes any SystemExit for a failure, that of code 0 as well.
    """
    try:
        app(args=arguments, obj=context)
    except SystemExit as end:
        if end.code:
            raise
    finally:
        drain_output(LAST_WORDS)


if __name__ == "__main__":
    main()
