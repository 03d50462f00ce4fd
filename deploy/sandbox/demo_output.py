"""What the demo prints: progress while it runs, then suggestions, failures and times."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.sandbox.best_suggestions import SURE, best, findings, short_rule, sure
from worker.telemetry.text import bounded, visible, visible_lines

__all__ = ["Screen"]

_STYLES = {"completed": "green", "failed": "red", "running": "yellow", "pending": "dim"}
_NARROWEST = 110
# Suggestions, and characters of a rule.
_SHOWN = 10
_RULE = 44
_EXAMPLES = 24


class Screen:
    """A terminal shows a live table; a pipe gets a line for each change."""

    def __init__(self) -> None:
        console = Console(highlight=False)
        # A pipe has no width of its own, and a narrow table can't be read.
        self._console = (
            console if console.is_terminal else Console(highlight=False, width=_NARROWEST)
        )
        self._live: Live | None = None
        self._seen: dict[str, str] = {}

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

    def progress(
        self, runs: Sequence[dict[str, Any]], progress: Mapping[str, dict[str, Any]]
    ) -> None:
        """Show how far every run is; `progress` is by the runs' ids."""
        if self._live:
            self._live.update(_progress(runs, progress))
            return
        for run in runs:
            state = f"{run['status']:<10} {_tables(progress.get(run['id']))}"
            if self._seen.get(run["id"]) != state:
                self._seen[run["id"]] = state
                what = f"run of {run['contract_id']}"
                seconds = f"{run['elapsed']:6.1f} s"
                self.say(f"  {run['id'][:8]}  {visible(what):<24} {state:<24} {seconds}")

    def suggestions(self, rows: Sequence[dict[str, Any]]) -> None:
        """Print the best rules, then all findings, with their evidence."""
        chosen = best(rows, _SHOWN)
        title = f"The {len(chosen)} best of {len(rows)} suggestions, with numbers rounded"
        columns = ("table", "rule", "holds for all rows tried", "confidence")
        self._by_table(title, columns, [(row, row["confidence_score"]) for row in chosen])
        found = findings(rows)
        title = f"{len(found)} findings: rules that a few rows break, which are likely to be wrong"
        columns = ("table", "rule", "broken by, of rows tried", "such as")
        self._by_table(title, columns, [(row, ", ".join(row["examples"] or ())) for row in found])
        self.say(
            f"{len(sure(rows))} of {len(rows)} can be accepted without a look: their confidence is "
            f"{SURE} or more, and no row breaks them."
        )

    def _by_table(
        self, title: str, columns: Sequence[str], rows: Sequence[tuple[Mapping[str, Any], str]]
    ) -> None:
        shown = Table(*columns, title=title)
        before = None
        for row, last in rows:
            if before not in (None, row["schema_name"]):
                shown.add_section()
            before = row["schema_name"]
            rule = bounded(short_rule(row["rule"]), _RULE)
            tried, failing = row["tried"] or 0, row["failing"] or 0
            evidence = f"{failing:,} of {tried:,}" if failing else f"{tried:,}"
            shown.add_row(*map(_cell, (before, rule, evidence, bounded(last, _EXAMPLES))))
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


def _tables(progress: dict[str, Any] | None) -> str:
    """Return how many tables are done; nothing before a worker has planned them."""
    if progress is None or not progress["tables_total"]:
        return ""
    return f"{progress['tables_done']} of {progress['tables_total']} tables"


def _progress(
    runs: Sequence[dict[str, Any]], progress: Mapping[str, dict[str, Any]]
) -> RenderableType:
    shown = Table("run", "contract", "status", "phase", "tables", "percent", "elapsed")
    for run in runs:
        name, contract, status, *_, elapsed = _run(run)
        of_run = progress.get(run["id"])
        phase, percent = (of_run["phase"], f"{of_run['percent']} %") if of_run else ("", "")
        shown.add_row(name, contract, status, phase, _tables(of_run), percent, elapsed)
    return shown
