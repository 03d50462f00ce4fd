"""What the demo prints: progress while it runs, then suggestions, failures and times."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from worker.telemetry.text import visible, visible_lines

__all__ = ["Screen"]

_STYLES = {"completed": "green", "failed": "red", "running": "yellow", "pending": "dim"}
_NARROWEST = 110


class Screen:
    """A terminal shows a live table; a pipe gets a line for each change."""

    def __init__(self) -> None:
        console = Console(highlight=False)
        # A pipe has no width of its own, and a narrow table can't be read.
        self._console = (
            console if console.is_terminal else Console(highlight=False, width=_NARROWEST)
        )
        self._live: Live | None = None
        self._seen: dict[tuple[str, str], str] = {}

    def say(self, text: str) -> None:
        """Print a text."""
        self._console.print(Text(visible_lines(text)))

    def __enter__(self) -> "Screen":
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def progress(self, runs: Sequence[dict[str, Any]], tables: Sequence[dict[str, Any]]) -> None:
        """Show where every run and every table stands."""
        if self._live:
            self._live.update(_progress(runs, tables))
            return
        for run in runs:
            self._line(run["id"], "", run["status"], run["elapsed"], run["contract_id"])
        for table in tables:
            self._line(
                table["run_id"], table["schema_name"], table["state"], table["elapsed"], None
            )

    def _line(self, run: str, table: str, state: str, elapsed: float, contract: str | None) -> None:
        if self._seen.get((run, table)) != state:
            self._seen[run, table] = state
            what = f"table {table}" if table else f"run of {contract}"
            self.say(f"  {run[:8]}  {visible(what):<24} {state:<10} {elapsed:6.1f} s")

    def suggestions(self, rows: Sequence[dict[str, Any]], looked_at: dict[str, str]) -> None:
        """Print the suggestions; `looked_at` tells for each schema the rows that they rest on."""
        shown = Table("schema", "property", "rule", "dimension", "rows", title="Suggestions")
        before = None
        for row in rows:
            if before not in (None, row["schema_name"]):
                shown.add_section()
            before = row["schema_name"]
            shown.add_row(
                *map(_cell, (row["schema_name"], row["property_name"], row["rule"])),
                *map(_cell, (row["dimension"], looked_at.get(row["schema_name"]))),
            )
        self._console.print(shown)

    def times(
        self, runs: Sequence[dict[str, Any]], durations: Sequence[tuple[str, str, str]]
    ) -> None:
        """Print how each run ended and how long each table took."""
        shown = Table(
            "run", "contract", "status", "table", "rows x columns", "elapsed", title="Times"
        )
        for run in runs:
            shown.add_row(*_run(run))
        shown.add_section()
        for table, size, seconds in durations:
            shown.add_row("", "", "", *map(_cell, (table, size, seconds)))
        self._console.print(shown)

    def failure(self, contract: str, message: str) -> None:
        """Print the message of a failed run."""
        self._console.print(_cell("failed", "red"), _cell(f"{contract}: {message}"))


def _cell(text: str | None, style: str = "") -> Text:
    """Return a text that holds no markup and nothing that a terminal obeys."""
    return Text(visible(text or ""), style)


def _run(run: dict[str, Any]) -> tuple[Text, ...]:
    """Return a run's cells; those of its tables stay empty."""
    return (
        _cell(run["id"][:8]),
        _cell(run["contract_id"]),
        _cell(run["status"], _STYLES.get(run["status"], "")),
        *map(_cell, ("", "", f"{run['elapsed']:.1f} s")),
    )


def _progress(runs: Sequence[dict[str, Any]], tables: Sequence[dict[str, Any]]) -> RenderableType:
    shown = Table("run", "contract", "status", "table", "phase", "elapsed")
    for run in runs:
        shown.add_row(*_run(run))
        for table in tables:
            if table["run_id"] == run["id"]:
                style = _STYLES.get(table["state"], "yellow")
                shown.add_row(
                    "",
                    "",
                    "",
                    _cell(table["schema_name"]),
                    _cell(table["state"], style),
                    f"{table['elapsed']:.1f} s",
                )
    return Group(shown)
