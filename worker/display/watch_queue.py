"""Follows the queue: a terminal shows it as it is now, a pipe gets a line for each change."""

import logging
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import anyio
from rich.live import Live

from worker.database.errors import DatabaseConflict, DatabaseUnavailable, StatementOutdated
from worker.display.change_lines import ChangeLines
from worker.display.live_view import live_view, outage_line
from worker.display.output import console, reader_is_gone
from worker.display.queue_tables import paused_by
from worker.runs.live import Moment

__all__ = ["watch_queue"]

Read = Callable[[], Awaitable[Moment]]
Show = Callable[["_Latest"], None]

# Seconds between two looks; and how much longer a look may take than the pause after it, so that a
# large queue is not kept busy by those who look at it.
_REFRESH = 1.0
_SHARE = 5.0

_PASSING = (DatabaseUnavailable, DatabaseConflict, StatementOutdated)


async def watch_queue(read: Read, limit: int) -> None:
    """Follow what `read` returns, in a view of at most `limit` runs, until the command is stopped.

    It also ends if its output is read no more, as by `head`.
    While the database is away, the view says so and keeps what was read last.
    """
    latest = _Latest()
    with _shown(limit) as show:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(latest.read_for_ever, read)
            while not reader_is_gone():
                with anyio.move_on_after(_REFRESH):
                    await latest.changed.wait()
                latest.changed = anyio.Event()
                show(latest)
            tasks.cancel_scope.cancel()


class _Latest:
    """What was read last, and why it can't be read now."""

    def __init__(self) -> None:
        self.moment: Moment | None = None
        self.error: str | None = None
        self.changed = anyio.Event()
        self._failing_since = 0.0

    @property
    def failing_for(self) -> timedelta:
        """How long the database has been away."""
        return timedelta(seconds=time.monotonic() - self._failing_since)

    async def read_for_ever(self, read: Read) -> None:
        """Read again and again. Raises a `DatabaseError` that is no outage."""
        while True:
            began = time.monotonic()
            try:
                self.moment = await read()
                self.error = None
            except _PASSING as error:
                if self.error is None:
                    self._failing_since = began
                    self.error = str(error)
            self.changed.set()
            await anyio.sleep(max(_REFRESH, _SHARE * (time.monotonic() - began)))


@contextmanager
def _shown(limit: int) -> Iterator[Show]:
    if not console.is_terminal or console.is_dumb_terminal:
        yield _Lines().show
        return

    def draw(latest: _Latest) -> None:
        outage = outage_line(latest.error, latest.failing_for) if latest.error else None
        width, height = console.size
        view = live_view(latest.moment, outage, limit=limit, width=width, height=height)
        live.update(view, refresh=True)

    with _silent_log(), Live(console=console, auto_refresh=False) as live:
        yield draw


@contextmanager
def _silent_log() -> Iterator[None]:
    """Log nothing to a terminal that shows a view: the lines would come in between."""
    if not sys.stderr.isatty():
        yield
        return
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


class _Lines:
    """Prints what has changed of the runs, the workers and the database."""

    def __init__(self) -> None:
        self._lines = ChangeLines()

    def show(self, latest: _Latest) -> None:
        """Print the changes."""
        available = "the database is available"
        state = f"the database is unavailable: {latest.error}" if latest.error else available
        self._lines.print_change("database", state, usual=available)
        if latest.moment is None or latest.error:
            return
        for worker in latest.moment.workers:
            self._lines.print_change(worker["id"], f"worker {worker['id']}: {worker['state']}")
        queue = latest.moment.queue
        paused = queue["claiming_paused"]
        claiming = f"claiming is {paused_by(queue)}" if paused else "claiming goes on"
        self._lines.print_change("claiming", claiming, usual="claiming goes on")
        self._lines.print_runs(latest.moment.runs)
