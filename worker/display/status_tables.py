"""How `dqx-worker status` shows runs: a table of several, or one with its tables."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from worker.display.durations import duration, duration_if_known
from worker.display.output import console, shown, styled_status, table
from worker.telemetry.text import bounded, short_id

__all__ = [
    "ahead_of",
    "message_of",
    "one_run",
    "runs_table",
    "silence_of",
    "status_of",
    "tables_done",
]

Run = Mapping[str, Any]

# Characters of a message in a table of runs.
_SHORT = 120
# Columns from which whole ids leave room for the rest.
_WIDE = 120


def status_of(run: Run) -> str:
    """Return the run's status; `stuck` if a worker could not write its end."""
    return "stuck" if _is_stuck(run) else str(run["status"])


def message_of(run: Run) -> str:
    """Return why a run failed, or is stuck."""
    return (run["last_error"] if _is_stuck(run) else run["error_message"]) or ""


def silence_of(run: Run) -> timedelta | None:
    """Return for how long the worker that holds a run has been silent; None if it is not."""
    silence: timedelta | None = run["silent_for"]
    return silence


def tables_done(run: Run) -> str:
    """Return how many tables of a run are done, of how many; nothing before they are planned."""
    return f"{run['tables_done']}/{run['tables_total']}" if run["tables_total"] else ""


def ahead_of(run: Run) -> Iterator[str]:
    """Yield the place of a run in the queue, and the time until its end, if they are known."""
    if run["queue_position"] is not None:
        yield f"place {run['queue_position']}"
    moves = run["status"] in ("pending", "running") and silence_of(run) is None
    if moves and run["time_left"] is not None:
        yield f"about {duration(run['time_left'])} left"


def runs_table(runs: Sequence[Run]) -> RenderableType:
    """Return a table with one line for each run, at any width; a pipe gets whole ids."""
    made = Table(show_edge=False, pad_edge=False)
    wide = console.width >= _WIDE
    whole = ("status", "tables", "elapsed", *(("run", "contract") if wide else ()))
    for name in ("run", "contract", "status", "tables", "elapsed", "error"):
        # Of the others as much is shown as there is room for.
        made.add_column(name, no_wrap=name in whole)
    named = str if wide else short_id
    for run in runs:
        made.add_row(
            _line(named(run["id"])),
            _line(named(run["contract_id"])),
            styled_status(status_of(run)),
            tables_done(run),
            duration_if_known(run["elapsed"]),
            _line(bounded(message_of(run), _SHORT)),
        )
    return made


def one_run(run: Run, tables: Sequence[Run]) -> RenderableType:
    """Return a run, and what became of each of its tables."""
    return Group(_head(run), _tables(tables))


def _line(value: str) -> Text:
    text = shown(value)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _head(run: Run) -> RenderableType:
    subject = f"run {run['id']} of contract {run['contract_id']}: "
    took = duration_if_known(run["elapsed"], "for an unknown time")
    took = f", {took}, {run['suggestions']} suggestions"
    took += "".join(f", {words}" for words in ahead_of(run))
    lines = [Text.assemble(shown(subject), styled_status(status_of(run)), took)]
    if run["attempt"] is not None:
        attempt = shown(f"attempt {run['attempt']} by {run['worker']}")
        if (silence := silence_of(run)) is not None:
            attempt.append(f", which has been silent for {duration(silence)}", "bold red")
        lines.append(attempt)
    if message := message_of(run):
        lines.append(shown(message))
    return Text("\n").join(lines)


def _is_stuck(run: Run) -> bool:
    return bool(run["status"] == "running" and run["phase"] == "stuck")


def _tables(tables: Sequence[Run]) -> RenderableType:
    return table(
        ["schema", "phase", "elapsed", "rows", "columns", "suggestions", "error"],
        [
            [
                one["schema_name"],
                styled_status(one["state"]),
                duration_if_known(one["elapsed"]),
                one["rows_sampled"],
                one["columns"],
                one["suggestions"],
                one["error"],
            ]
            for one in tables
        ],
    )
