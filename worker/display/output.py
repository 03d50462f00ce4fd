"""How commands print: tables for people, JSON for programs.

A name or a message may come from a contract, a request, a file or another program. Commands print
it through `visible` or as JSON, so that a terminal never obeys it.
"""

import json
import os
import sys
import threading
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from io import TextIOWrapper
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from worker.telemetry.text import escaped_json, visible, visible_lines

__all__ = [
    "console",
    "json_text",
    "print_json",
    "print_line",
    "print_traceback",
    "reader_is_gone",
    "shown",
    "styled_status",
    "survive_output",
    "table",
]

_reader_gone = threading.Event()


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Go on, as `print_line` does."""
        _forget_reader(sys.stdout)


_terminal = _Console(highlight=False)
# A pipe has no width of its own; what reads it should get whole lines.
console = _terminal if _terminal.is_terminal else _Console(highlight=False, width=200)

_STYLES = {
    "completed": "green",
    "failed": "red",
    "running": "yellow",
    "pending": "dim",
    "stuck": "bold red",
    "alive": "green",
    "silent": "bold red",
    "lost": "dim",
    "stopped": "dim",
}


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


def print_line(line: str, *, error: bool = False) -> None:
    """Print a line at once, on stderr for an `error`; if its reader is gone, go on."""
    _print(visible(line), error=error)


def print_traceback(error: BaseException) -> None:
    """Print where an error arose, on stderr."""
    _print(visible_lines("".join(traceback.format_exception(error)).rstrip()), error=True)


def _print(text: str, *, error: bool) -> None:
    stream = sys.stderr if error else sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        _forget_reader(stream)


def _forget_reader(stream: TextIO) -> None:
    if stream is sys.stdout:
        _reader_gone.set()
    # So that what is left in it can't fail either, at the end of the process.
    with suppress(OSError, ValueError):
        os.dup2(_nowhere(), stream.fileno())


def reader_is_gone() -> bool:
    """Return whether printing has shown that what is printed is read no more."""
    return _reader_gone.is_set()


def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)


def print_json(value: Any) -> None:
    """Print one line of JSON at once: times as ISO text, durations in seconds."""
    _print(json_text(value), error=False)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return `value` as JSON, with an escape for each control character."""
    return escaped_json(json.dumps(value, ensure_ascii=False, default=_plain, indent=indent))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> Table:
    """Return a table; a cell may be anything that `shown` takes."""
    made = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for number, column in enumerate(columns):
        # The first one is what people copy.
        made.add_column(column, no_wrap=number == 0, overflow="fold" if number == 0 else "ellipsis")
    for row in rows:
        made.add_row(*map(shown, row))
    return made


def shown(value: Any) -> Text:
    """Return a value as text without markup and control characters; None becomes empty."""
    if isinstance(value, Text):
        return value
    return Text("" if value is None else visible(str(value)))


def styled_status(status: str) -> Text:
    """Return a status in its colour."""
    return Text(visible(status), _STYLES.get(status, ""))


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return round(value.total_seconds(), 3)
        case _:
            return str(value)
