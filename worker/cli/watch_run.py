"""Follows a run: a terminal shows it as it is now, a pipe gets a line for each change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import anyio
from rich.live import Live

from worker.cli import errors
from worker.cli.exit_codes import ExitCode, code_of_end
from worker.database.pool import Database
from worker.display.change_lines import ChangeLines
from worker.display.output import console, print_line
from worker.display.status_tables import one_run
from worker.runs.requests import read_run, read_tables

__all__ = ["watch_run"]

Run = Mapping[str, Any]
Show = Callable[[Run, Sequence[Run]], None]

_REFRESH = 1.0


async def watch_run(database: Database, run_id: str, *, silent: bool) -> ExitCode:
    """Follow a run to its end, `silent` or not; return the code of that end."""
    with _nothing() if silent else _run_shown() as show:
        run = await _followed(database, run_id, show)
    if run is None:
        print_line(f"dqx-worker: {errors.run_deleted(run_id)}", error=True)
        return ExitCode.RUN_CANCELLED
    return code_of_end(run["status"])


async def _followed(database: Database, run_id: str, show: Show) -> Run | None:
    """Show a run again and again until it has ended; return it, or None if it was deleted."""
    while True:
        run = await read_run(database, run_id)
        if run is None:
            return None
        show(run, await read_tables(database, run_id))
        if run["status"] not in ("pending", "running"):
            return run
        await anyio.sleep(_REFRESH)


@contextmanager
def _nothing() -> Iterator[Show]:
    yield lambda _run, _tables: None


@contextmanager
def _run_shown() -> Iterator[Show]:
    if not console.is_terminal:
        yield ChangeLines().print_run
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda run, tables: live.update(one_run(run, tables), refresh=True)
