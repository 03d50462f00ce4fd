"""Lines for a reader that is no terminal: one for each thing that has changed."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from worker.display.output import print_line
from worker.display.status_tables import message_of, silence_of, status_of, tables_done

__all__ = ["ChangeLines"]

Row = Mapping[str, Any]


class ChangeLines:
    """Prints a line for each thing that differs from what was printed of it before.

    A line begins with the seconds since the first one.
    """

    def __init__(self) -> None:
        self._printed: dict[str, str] = {}
        self._began = time.monotonic()

    def print_runs(self, runs: Sequence[Row]) -> None:
        """Print the runs that have changed, the last ones of `runs` first."""
        for run in reversed(runs):
            subject = f"run {run['id']} of contract {run['contract_id']}: "
            self._print(f"run {run['id']}", run, subject)

    def print_run(self, run: Row, tables: Sequence[Row]) -> None:
        """Print the run and each of its tables, if they have changed."""
        for one in tables:
            error = f": {one['error']}" if one["error"] else ""
            name = one["schema_name"]
            self.print_change(f"table {name}", f"{name}: {one['state']}{error}")
        self._print("run", run, "")

    def print_change(self, key: str, text: str, *, usual: str | None = None) -> None:
        """Print `text` unless it is what was printed last for `key`, or is `usual` at first."""
        if self._printed.get(key, usual) != text:
            self._printed[key] = text
            print_line(f"{time.monotonic() - self._began:7.1f} s  {text}")

    def _print(self, key: str, run: Row, subject: str) -> None:
        done = f", {tables} tables" if (tables := tables_done(run)) else ""
        silent = f", its worker {run['holder']} is silent" if silence_of(run) else ""
        message = f": {message_of(run)}" if message_of(run) else ""
        self.print_change(key, f"{subject}{status_of(run)}{done}{silent}{message}")
