"""docs/failed-runs.md: why a run can have failed, made of the same functions as docs/errors.md.

`python -m tests.support.failed_runs` prints it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import worker.attempt.errors as attempt
import worker.database.errors as database
import worker.progress.errors as progress
import worker.queue.errors as queue
import worker.row_filters.errors as row_filters
import worker.runs.errors as runs
import worker.spark.errors as spark
import worker.tables.errors as tables
import worker.tables.file_errors as files
from tests.support import error_pages

__all__ = ["ROOMS", "listed", "page", "without_group"]

Message = Callable[..., object]

_HEAD = """\
# Why a run failed

`error_message` of a run that is `failed` begins with one of these messages. Each of them links to
its cause and its cure in [errors.md](errors.md). The metric `dqx_worker_runs_total` counts failed
runs by the `reason` that a heading names. Made by `python -m tests.support.failed_runs`; a test
compares the two.

`dqx-worker status RUN` shows the message with the cause of each table. Tables that were profiled
keep their suggestions, so a new request only needs the schemas that failed. When the cause is gone,
`dqx-worker retry RUN` sends that request.
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Messages of one kind."""

    title: str
    words: str
    messages: tuple[Message, ...]


# Reasons for a column that is left out, and for a JVM that is replaced.
_NO_FAILURES = (files.unread_type, files.types_differ, spark.dqx_failed, spark.tasks_stuck)


def _all(*modules: ModuleType) -> tuple[Message, ...]:
    return tuple(
        one for module in modules for one in error_pages.messages(module) if one not in _NO_FAILURES
    )


_REFUSED = tuple(
    one
    for one in error_pages.messages(attempt)
    if one.__annotations__["return"] is attempt.RequestRefused
)
_OF_RUNS = (attempt.run_deadline, attempt.job_stopped, attempt.own_error)
# Reasons of attempts that another worker, or the next start, continues.
_NO_ENDS = (attempt.taken_away, attempt.worker_stopped, runs.adopted, queue.stuck)
_OF_TABLES = tuple(
    one for one in error_pages.messages(attempt) if one not in (*_REFUSED, *_OF_RUNS, *_NO_ENDS)
)
_OF_COMMANDS = (
    "no_such_run",
    "another_contracts_run",
    "another_source",
    "run_ended",
    "run_busy",
    "unleasable",
    "claiming_paused",
    *(one.__name__ for one in error_pages.messages(runs) if one is not runs.cancelled),
)

GROUPS = (
    Group(
        "The request (`request`)",
        "The request cannot be worked on. A correct one is a new request.",
        (*_REFUSED, queue.id_too_long),
    ),
    Group(
        "Its options: a filter (`request`)",
        "After `The run's options can't be used:`.",
        _all(row_filters),
    ),
    Group(
        "Tables (`tables`)",
        "At least one table failed. The causes of up to 20 tables follow the message.",
        (progress.tables_failed, *_OF_TABLES),
    ),
    Group("Tables: a table of a catalog", "The cause of a table.", _all(tables)),
    Group("Tables: a file or a folder", "The cause of a table.", _all(files)),
    Group(
        "Spark (`engine`)",
        "Spark cannot be started or reached. If only some tables met this, it is their cause.",
        _all(spark),
    ),
    Group("The deadline of a run (`deadline`)", "", (attempt.run_deadline,)),
    Group(
        "Attempts (`attempts`)",
        "No attempt is left. The reason of each attempt is part of the message.",
        (queue.tries_used_up, queue.not_heard_of, queue.rescue_failed),
    ),
    Group(
        "Postgres (`database`)",
        "Postgres refused to write something. Its own words follow.",
        (
            queue.claim_refused,
            queue.end_refused,
            queue.update_suppressed,
            database.postgres_reports,
        ),
    ),
    Group(
        "A person or a launcher (`cancelled`, `stopped`)", "", (runs.cancelled, attempt.job_stopped)
    ),
    Group("A defect (`defect`)", "", (attempt.own_error,)),
)
ROOMS = (attempt, progress, queue, row_filters, runs, spark, tables, files)


def page() -> str:
    """Return the whole page."""
    anchors = error_pages.anchor_of()
    parts = [_HEAD]
    for group in GROUPS:
        lines = [_line(one, anchors) for one in group.messages]
        parts.append(f"## {group.title}\n")
        parts.extend([f"{group.words}\n"] if group.words else [])
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def listed() -> set[Message]:
    """Return every message that is on the page."""
    return {one for group in GROUPS for one in group.messages}


def without_group() -> list[str]:
    """Return the messages of the rooms of which nobody has decided whether they end a run."""
    known = {*listed(), *_NO_ENDS, *_NO_FAILURES}
    return [
        one.__name__
        for one in _all(*ROOMS)
        if one not in known and one.__name__ not in _OF_COMMANDS
    ]


def _line(message: Message, anchors: dict[Message, str]) -> str:
    return f"- `{error_pages.words(message)}` ([cure](errors.md#{anchors[message]}))"


if __name__ == "__main__":
    print(page(), end="")
