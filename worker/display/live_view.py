"""The view of `dqx-worker status --watch`: the queue, the workers, and runs with their tables.

Each line of the view is one line of the terminal, at any width. Lines for which the terminal is too
low are left out at the end of their part, and counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from worker.display.durations import duration, duration_if_known
from worker.display.output import shown, styled_status
from worker.display.queue_tables import paused_by
from worker.display.status_tables import ahead_of, message_of, silence_of, status_of, tables_done
from worker.runs.live import Moment
from worker.telemetry.text import short_id

__all__ = ["live_view", "outage_line"]

Row = Mapping[str, Any]
Cells = Sequence[RenderableType]

# Columns from which whole ids of runs leave room for the rest.
_WIDE = 120
_NARROW_NAME, _WIDE_NAME = 20, 48
_MOST_WORKERS = 5
_MOST_WAITING = 5
_ALARM = "bold red"
_CAUTION = "yellow"


def live_view(
    moment: Moment | None, outage: Text | None, *, limit: int, width: int, height: int
) -> RenderableType:
    """Return the view of at most `limit` runs for a terminal of `width` columns.

    It has less than `height` lines. `outage` is the line about the database that cannot be read.
    """
    lines = [outage] if outage is not None else []
    if moment is None:
        return Group(*lines, Text("reading the queue …", "dim"))
    lines += [*_queue(moment.queue), *_workers(moment.workers)]
    left = height - 1 - len(lines)
    in_work = [run for run in moment.runs if run["status"] == "running"][:limit]
    waiting = [run for run in moment.runs if run["status"] == "pending"]
    ended = [run for run in moment.runs if run["status"] not in ("running", "pending")]
    # The queue may be long, and its head is of interest; but there may be nothing else to show.
    next_ones = waiting[:_MOST_WAITING] if in_work or ended else waiting
    others = [*next_ones, *ended][: limit - len(in_work)]
    parts: list[RenderableType] = []
    if in_work:
        rows = [row for run in in_work for row in _work_rows(run, moment.tables, width)]
        parts.append(_part(_work_columns(width), rows, left))
        left -= min(left, len(rows) + 1)
    if others:
        parts.append(_part(_other_columns(width), [_other_row(one, width) for one in others], left))
    return Group(*map(_fitted, lines), *parts)


def outage_line(error: str, lasting: timedelta) -> Text:
    """Return the line about a database that has not answered for some time."""
    since = f"for {duration(lasting)}" if lasting.total_seconds() >= 1 else "now"
    return Text.assemble(
        (f"The database is unavailable {since}; what follows is old. ", _ALARM), shown(error)
    )


def _queue(queue: Row) -> Iterator[Text]:
    waiting = f"{queue['waiting']} waiting"
    if queue["oldest_waiting"] is not None:
        waiting += f", the oldest for {duration(queue['oldest_waiting'])}"
    line = Text(f"queue    {waiting}; {queue['in_work']} in work")
    if queue["without_lease"]:
        line.append(f"; {queue['without_lease']} held by no worker", _ALARM)
    yield line
    pace = f"{queue['ended_per_minute']:.1f} runs a minute"
    left = queue["time_left"]
    yield Text(f"         {pace}" + ("" if not left else f"; about {duration(left)} left"))
    if queue["claiming_paused"]:
        ago = f" {duration(queue['paused_for'])} ago"
        yield Text.assemble(("         claiming is ", _CAUTION), shown(paused_by(queue, ago)))


def _workers(workers: Sequence[Row]) -> Iterator[Text]:
    # A worker without slots warms up, is about to stop, or makes the last try of one run.
    slots = [one["slots"] for one in workers if one["state"] == "alive" and one["slots"]]
    line = Text(f"workers  {len(slots)} alive with {sum(slots)} slots")
    if not slots:
        line = Text.assemble("workers  ", ("none is alive", _ALARM))
    if silent := sum(one["state"] == "silent" for one in workers):
        line.append(f"; {silent} silent", _ALARM)
    yield line
    # The silent ones are what an operator looks for.
    for one in sorted(workers, key=lambda one: one["state"] != "silent")[:_MOST_WORKERS]:
        alive = one["state"] == "alive"
        state = "alive" if alive else f"silent for {duration(one['seen_ago'])}"
        runs = f"{one['runs']} of {one['slots']} slots"
        if not one["slots"]:
            runs = f"takes no requests, {one['runs']} in work"
        facts = f"         {state}, {runs}: "
        yield Text.assemble((facts, "" if alive else _ALARM), shown(one["id"]))
    if (more := len(workers) - _MOST_WORKERS) > 0:
        yield Text(f"         and {more} more", "dim")


def _work_columns(width: int) -> Table:
    made = _table()
    made.add_column("in work", width=_name_width(width), no_wrap=True)
    made.add_column("progress", ratio=1, no_wrap=True)
    made.add_column("tables", width=9, no_wrap=True)
    made.add_column("", width=5, justify="right", no_wrap=True)
    made.add_column("for", width=9, justify="right", no_wrap=True)
    made.add_column("left", width=9, justify="right", no_wrap=True)
    return made


def _work_rows(run: Row, tables: Mapping[str, Sequence[Row]], width: int) -> Iterator[Cells]:
    """Yield the line of a run, and one for each of its tables in work."""
    percent = run["percent"] or 0
    trouble = _trouble(run)
    yield (
        _name(run, width),
        ProgressBar(total=100, completed=percent) if trouble is None else Text(trouble, _ALARM),
        tables_done(run),
        f"{percent} %",
        duration_if_known(run["elapsed"]),
        duration_if_known(run["time_left"]),
    )
    for table in tables.get(run["id"], ()):
        yield (
            Text("  ").append_text(shown(table["schema_name"])),
            ProgressBar(total=1, completed=table["share"]),
            Text(table["state"], "dim"),
            "",
            duration_if_known(table["elapsed"]),
            "",
        )


def _trouble(run: Row) -> str | None:
    """Return why nothing may happen to a run in work."""
    if (silence := silence_of(run)) is not None:
        return f"silent for {duration(silence)}"
    if run["holder"] is None:
        return "stuck" if status_of(run) == "stuck" else "held by no worker"
    return None


def _other_columns(width: int) -> Table:
    made = _table()
    made.add_column("run", width=_name_width(width), no_wrap=True)
    made.add_column("status", width=9, no_wrap=True)
    made.add_column("tables", width=9, no_wrap=True)
    made.add_column("for", width=9, justify="right", no_wrap=True)
    made.add_column("", ratio=1, no_wrap=True)
    return made


def _other_row(run: Row, width: int) -> Cells:
    note = shown(message_of(run))
    if run["status"] == "pending":
        note = Text(", ".join(ahead_of(run)))
    return (
        _name(run, width),
        styled_status(status_of(run)),
        tables_done(run),
        duration_if_known(run["elapsed"]),
        note,
    )


def _part(made: Table, rows: Sequence[Cells], left: int) -> RenderableType:
    """Return a table in at most `left` lines, the line of its columns among them."""
    if left < len(rows) + 1:
        rows, more = rows[: max(0, left - 2)], len(rows) - max(0, left - 2)
    else:
        more = 0
    if left < 2:  # noqa: PLR2004
        return Group()
    for row in rows:
        made.add_row(*row)
    if more:
        made.add_row(Text(f"and {more} more", "dim"))
    return made


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), expand=True, header_style="dim")


def _name_width(width: int) -> int:
    return _WIDE_NAME if width >= _WIDE else _NARROW_NAME


def _name(run: Row, width: int) -> Text:
    run_id = run["id"] if width >= _WIDE else short_id(run["id"])
    return shown(f"{run_id} of {short_id(run['contract_id'])}")


def _fitted(line: Text) -> Text:
    line.no_wrap, line.overflow = True, "ellipsis"
    return line
