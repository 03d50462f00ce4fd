"""How the commands show the queue and its workers: a table of facts, and a head of two lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from worker.display.durations import duration
from worker.display.output import shown, styled_status, table
from worker.runs.adopt import UnheldRun

__all__ = ["paused_by", "queue_head", "queue_table", "workers_table"]

Row = Mapping[str, Any]

_MOST_RUNS = 10


def queue_table(queue: Row, unheld: Sequence[UnheldRun]) -> RenderableType:
    """Return the facts of the queue, one a line, and the runs that no worker holds."""
    made = Table.grid(padding=(0, 3))
    for name, fact in (
        ("waiting", f"{queue['waiting']}{_oldest(queue)}"),
        ("in work", str(queue["in_work"])),
        ("without a worker", str(queue["without_lease"])),
        ("workers", _workers(queue)),
        ("ended", _rate(queue)),
        ("time left", _time_left(queue)),
        ("claiming", _claiming(queue)),
    ):
        made.add_row(shown(name), shown(fact))
    return Group(made, *(shown(_words(run)) for run in unheld[:_MOST_RUNS]))


def queue_head(queue: Row) -> RenderableType:
    """Return the same in two lines, of which each has at most 80 characters with usual figures.

    A third line says who paused claiming.
    """
    first = [f"{queue['waiting']} waiting{_oldest(queue)}", f"{queue['in_work']} in work"]
    if number := queue["without_lease"]:
        first.append(f"{number} running without a worker (see `dqx-worker queue`)")
    second = [f"workers: {_workers(queue)}", _rate(queue)]
    if queue["time_left"]:
        second.append(f"about {duration(queue['time_left'])} left")
    lines = [", ".join(parts) for parts in (first, second)]
    if queue["claiming_paused"]:
        lines.append(f"claiming is {_claiming(queue)}")
    return Text("\n").join(map(shown, lines))


def paused_by(queue: Row, ago: str = "") -> str:
    """Return who has paused claiming, and why."""
    reason = f": {queue['pause_reason']}" if queue["pause_reason"] else ""
    return f"paused by {queue['paused_by']}{ago}{reason}"


def workers_table(workers: Sequence[Row]) -> RenderableType:
    """Return a table with a line for each worker."""
    return table(
        ["worker", "state", "last seen", "slots", "runs", "engine", "version", "started"],
        [
            [
                one["id"],
                styled_status(one["state"]),
                f"{duration(one['unseen_for'])} ago",
                one["slots"],
                one["runs"],
                one["engine"],
                one["version"],
                f"{one['started_at']:%Y-%m-%d %H:%M}",
            ]
            for one in workers
        ],
    )


def _oldest(queue: Row) -> str:
    oldest = queue["oldest_waiting"]
    return f" (the oldest for {duration(oldest)})" if oldest else ""


def _time_left(queue: Row) -> str:
    if queue["time_left"] is not None:
        return duration(queue["time_left"])
    if queue["claiming_paused"]:
        return "unknown, as claiming is paused"
    if not queue["workers_alive"]:
        return "unknown, as no worker takes requests"
    return "unknown, as no run has ended in the last day"


def _words(run: UnheldRun) -> str:
    what = f"job {run.job} may have it" if run.job else f"`dqx-worker adopt {run.id}` takes it over"
    return f"Run {run.id} is running and no worker holds it: {what}"


def _claiming(queue: Row) -> str:
    ago = f" {duration(queue['paused_for'])} ago" if queue["claiming_paused"] else ""
    return paused_by(queue, ago) if ago else "on"


def _workers(queue: Row) -> str:
    slots = f" with {queue['slots']} slots" if queue["slots"] else ""
    return f"{queue['workers_alive']} alive{slots}, {queue['workers_silent']} silent"


def _rate(queue: Row) -> str:
    return f"{queue['ended_per_minute']:.1f} runs a minute"
