"""Waiting for the end of a run that a command has requested, and printing that end."""

from rich.text import Text

from worker.cli import errors
from worker.cli.exit_codes import ExitCode, code_of_end
from worker.database.pool import Database
from worker.display.durations import duration_if_known
from worker.display.output import console, print_json, print_line, styled_status
from worker.runs.wait_for_end import await_end

__all__ = ["print_end"]


async def print_end(database: Database, run_id: str, *, as_json: bool) -> int:
    """Wait for the run's end, print it, and return the exit code that it stands for."""
    run = await await_end(database, run_id)
    if run is None:
        if as_json:
            print_json({"id": run_id, "status": "deleted"})
        print_line(f"dqx-worker: {errors.run_deleted(run_id)}", error=True)
        return ExitCode.RUN_CANCELLED
    if as_json:
        print_json(run)
    else:
        found = "" if run["suggestions"] is None else f": {run['suggestions']} suggestions"
        took = f" after {duration_if_known(run['elapsed'], 'an unknown time')}{found}"
        console.print(Text.assemble(f"{run_id} ", styled_status(run["status"]), took))
        if run["error_message"]:
            print_line(run["error_message"])
    return code_of_end(run["status"])
