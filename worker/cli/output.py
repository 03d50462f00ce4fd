"""How commands print: tables for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["console", "print_json", "seconds", "styled_status", "table"]

_terminal = Console(highlight=False)
# A pipe has no width of its own; what reads it should get whole lines.
console = _terminal if _terminal.is_terminal else Console(highlight=False, width=200)

_STYLES = {"completed": "green", "failed": "red", "running": "yellow", "pending": "dim"}


def print_json(value: Any) -> None:
    """Print one line of JSON: times as ISO text, durations in seconds."""
    print(json.dumps(value, ensure_ascii=False, default=_plain))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> Table:
    """Return a table of texts; None is an empty cell."""
    made = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for number, column in enumerate(columns):
        # The first one is what people copy.
        made.add_column(column, no_wrap=number == 0, overflow="fold" if number == 0 else "ellipsis")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    return made


def styled_status(status: str) -> str:
    """Return a status in its colour."""
    style = _STYLES.get(status)
    return f"[{style}]{status}[/]" if style else status


def seconds(duration: timedelta | None) -> str | None:
    """Return a duration as people read it: 3.2 s."""
    return None if duration is None else f"{duration.total_seconds():.1f} s"


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return round(value.total_seconds(), 3)
        case _:
            return str(value)
