"""How commands print: tables for people, JSON for programs."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from io import TextIOWrapper
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = [
    "console",
    "print_json",
    "seconds",
    "styled_status",
    "survive_output",
    "table",
    "tell",
]

_terminal = Console(highlight=False)
# A pipe has no width of its own; what reads it should get whole lines.
console = _terminal if _terminal.is_terminal else Console(highlight=False, width=200)

_STYLES = {"completed": "green", "failed": "red", "running": "yellow", "pending": "dim"}


def survive_output() -> None:
    """Have what a stream's encoding lacks written as an escape, and a missing stream as nothing.

    For a command whose work matters more than what it prints: a job runner may close either
    stream, or give it an encoding of ASCII.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(_nowhere(), "w"))
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def tell(line: str, *, error: bool = False) -> None:
    """Print a line at once, on stderr for an `error`; where nobody reads any more, go on."""
    stream = sys.stderr if error else sys.stdout
    try:
        print(line, file=stream, flush=True)
    except OSError:
        # So that what is left in it can't fail either, at the end of the process.
        with suppress(OSError, ValueError):
            os.dup2(_nowhere(), stream.fileno())


def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)


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
