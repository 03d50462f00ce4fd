"""Log lines for people: an event is one line of a terminal.

The line has the time, the short name of the worker, the event, the short ids of the run, and facts.
Facts that do not fit are cut. The message of a warning or an error is never cut: it continues on
indented lines.
"""

import os
import sys
from collections.abc import Iterator
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text
from structlog.typing import EventDict

from worker.telemetry.events import Event
from worker.telemetry.text import bounded, short_id, visible, visible_lines

__all__ = ["TRACEBACK", "TerminalLines"]

TRACEBACK = "exception"
"""The one field of several lines."""

# Columns.
_WIDEST, _NARROWEST = 100, 40
_EVENT = 14
_LONGEST_ID = 24
_INDENT = " " * 9

_SHORT_NAME = 8
_EVENTS = frozenset(Event)
_DIM, _BOLD = "2", "1"
_COLOURS = {"warning": "33", "error": "31", "critical": "31"}
_MESSAGES = ("error", "reason")
# Fields that have a place of their own, or are of no use to a person who looks on.
_PLACED = frozenset(
    {"event", "level", "logger", "timestamp", "worker", "schema", TRACEBACK}
    | {"run", "contract", "attempt", "triggered_by"}
)


class TerminalLines:
    """Renders events for the terminal that stderr is: a processor of structlog.

    A line has the width of the terminal, at most 100 columns. It has colours unless NO_COLOR is
    set.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._console = Console(file=self._stream)
        self._coloured = (
            self._console.is_terminal
            and not self._console.no_color
            and not self._console.is_dumb_terminal
        )

    def __call__(self, _logger: object, _method: str, event: EventDict) -> str:
        """Return the text of an event, without a line break at its end."""
        first, *more = self._fitted(event)
        lines = [self._coloured_line(first, event) if self._coloured else first, *more]
        if TRACEBACK in event:
            lines.append(visible_lines(str(event[TRACEBACK])))
        return "\n".join(lines)

    @property
    def _width(self) -> int:
        try:
            columns = os.get_terminal_size(self._stream.fileno()).columns
        # A file, or a stream without one.
        except (OSError, ValueError):
            columns = 0
        return max(_NARROWEST, min(_WIDEST, columns)) if columns else _WIDEST

    def _fitted(self, event: EventDict) -> list[str]:
        width = self._width
        field = _message_field(event)
        begin = f"{_begin(event)}{_name(event):<{_EVENT}}"
        if field is None:
            return [_cut(" ".join([begin, *_facts(event)]).rstrip(), width)]
        text = " ".join([begin, *_facts(event, field), visible(str(event[field]))])
        return self._wrapped(text, width)

    def _wrapped(self, text: str, width: int) -> list[str]:
        first = Text(text).wrap(self._console, width, overflow="fold")[0].plain
        rest = Text(text[len(first) :].lstrip())
        more = rest.wrap(self._console, width - len(_INDENT), overflow="fold") if rest else ()
        return [first.rstrip(), *(_INDENT + line.plain.rstrip() for line in more)]

    def _coloured_line(self, line: str, event: EventDict) -> str:
        begin, name = _begin(event), _name(event)
        after = line.removeprefix(begin + name)
        if after == line:
            return line
        return _in(_DIM, begin) + _in(_COLOURS.get(event["level"], _BOLD), name) + after


def _begin(event: EventDict) -> str:
    """Return the time of day, and the end of the worker's name, which tells workers apart."""
    time = datetime.fromisoformat(event["timestamp"]).astimezone()
    worker = visible(str(event.get("worker") or ""))[-_SHORT_NAME:]
    return f"{time:%H:%M:%S} {worker} " if worker else f"{time:%H:%M:%S} "


def _name(event: EventDict) -> str:
    """Return the event; the record of a library is a text, and named by its logger."""
    return visible(str(event["event"] if _is_ours(event) else event["logger"]))


def _is_ours(event: EventDict) -> bool:
    return event["event"] in _EVENTS


def _message_field(event: EventDict) -> str | None:
    """Return the field whose text is shown whole; None if every field is a fact."""
    if not _is_ours(event):
        return "event"
    if event["level"] not in _COLOURS:
        return None
    return next((name for name in _MESSAGES if event.get(name)), None)


def _facts(event: EventDict, message: str | None = None) -> Iterator[str]:
    """Yield the ids and the facts of an event, but for its message."""
    if (run := event.get("run")) is not None:
        attempt = event.get("attempt")
        yield _id(run) + ("" if attempt is None else f"/{attempt}")
    if (schema := event.get("schema")) is not None:
        yield visible(str(schema))
    if str(event["event"]).startswith("run.") and (contract := event.get("contract")) is not None:
        yield f"contract={_id(contract)}"
    if not _is_ours(event):
        return
    facts = {
        name: _fact(value)
        for name, value in event.items()
        if name not in _PLACED and name != message and value is not None
    }
    # The schema says as much, so the table is the first to be cut.
    for name in sorted(facts, key=lambda one: one == "table"):
        if name.removeprefix("of_") not in facts or not name.startswith("of_"):
            whole = facts.get(f"of_{name}")
            yield f"{name}={facts[name]}" + ("" if whole is None else f"/{whole}")


def _id(value: object) -> str:
    return bounded(visible(short_id(str(value))), _LONGEST_ID)


def _fact(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(_fact, value))
    text = visible(str(value))
    return f'"{text}"' if " " in text else text


def _cut(line: str, width: int) -> str:
    return line if cell_len(line) <= width else set_cell_size(line, width - 1) + "…"


def _in(colour: str, text: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"
