"""Follows runs: a terminal shows them as they are now, a pipe gets a line for each change."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import anyio
from rich.live import Live

from worker.cli import errors
from worker.cli.exit_codes import ExitCode, code_of_end
from worker.cli.output import console, print_line
from worker.cli.status_tables import message_of, one_run, runs_table, status_of, tables_done
from worker.database.pool import Database
from worker.runs.requests import read_run, read_tables

__all__ = ["watch_run", "watch_runs"]

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
        yield _Lines().print_run
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda run, tables: live.update(one_run(run, tables), refresh=True)


async def watch_runs(newest: Callable[[], Awaitable[Sequence[Run]]]) -> None:
    """Follow the runs that `newest` returns, until the command is stopped."""
    if not console.is_terminal:
        lines = _Lines()
        while True:
            lines.print_runs(await newest())
            await anyio.sleep(_REFRESH)
    with Live(runs_table(await newest()), console=console) as live:
        while True:
            await anyio.sleep(_REFRESH)
            live.update(runs_table(await newest()))


class _Lines:
    """Prints a line for each thing that differs from what was printed of it before.

    A line begins with the seconds since the first one.
    """

    def __init__(self) -> None:
        self._printed: dict[str, str] = {}
        self._began = time.monotonic()

    def print_runs(self, runs: Sequence[Run]) -> None:
        """Print the runs that have changed, the oldest first."""
        for run in reversed(runs):
            self._print(run["id"], run, f"run {run['id']} of contract {run['contract_id']}: ")

    def print_run(self, run: Run, tables: Sequence[Run]) -> None:
        """Print the run and each of its tables, if they have changed."""
        for one in tables:
            error = f": {one['error']}" if one["error"] else ""
            name = one["schema_name"]
            self._change(f"table {name}", f"{name}: {one['state']}{error}")
        self._print("run", run, "")

    def _print(self, key: str, run: Run, subject: str) -> None:
        done = f", {tables_done(run)} tables" if run["tables_total"] else ""
        message = f": {message_of(run)}" if message_of(run) else ""
        self._change(key, f"{subject}{status_of(run)}{done}{message}")

    def _change(self, key: str, text: str) -> None:
        if self._printed.get(key) != text:
            self._printed[key] = text
            print_line(f"{time.monotonic() - self._began:7.1f} s  {text}")
