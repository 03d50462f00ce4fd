"""docs/errors.md, made of the functions beside the error types.

`python -m tests.support.error_pages` prints it.
"""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType

import worker.attempt.errors
import worker.cli.errors
import worker.credentials.errors
import worker.credentials.setting_errors
import worker.database.errors
import worker.database.schema_errors
import worker.doctor.errors.files
import worker.doctor.errors.login
import worker.doctor.errors.network
import worker.doctor.errors.schema
import worker.doctor.errors.spark
import worker.doctor.errors.statements
import worker.doctor.errors.workspace
import worker.options.errors
import worker.preflight.errors
import worker.process.errors
import worker.progress.errors
import worker.queue.errors
import worker.row_filters.errors
import worker.runs.errors
import worker.sampling.stock_errors
import worker.settings.errors
import worker.spark.errors
import worker.spark.setting_errors
import worker.suggestions.errors
import worker.tables.errors
import worker.tables.file_errors
import worker.workspace.errors
from tests.support import links
from worker.telemetry.cures import cure_of

_HEAD = """\
# Every message, its cause and its cure

`‹…›` stands for what the message names. Made by `python -m tests.support.error_pages` out of the
functions beside the error types in the rooms' `errors`; a test compares the two. A message names a
setting by one of its variables; if the other is set (`PGHOST` instead of `POSTGRES_HOST`), correct
that one.
"""

_ROOMS: tuple[tuple[str, ModuleType], ...] = (
    ("A request that is refused", worker.attempt.errors),
    ("Tables of a run that failed", worker.progress.errors),
    ("A table that can't be profiled", worker.tables.errors),
    ("A file or a folder that can't be profiled", worker.tables.file_errors),
    ("A column that stock DQX counts", worker.sampling.stock_errors),
    ("Spark that can't start or is lost (exit codes 7 and 12)", worker.spark.errors),
    ("A filter that is refused", worker.row_filters.errors),
    ("A check that is held back", worker.suggestions.errors),
    ("Settings (exit code 3)", worker.settings.errors),
    ("Settings: a duration, a host, an address", worker.options.errors),
    ("Settings: a Lakebase database", worker.credentials.setting_errors),
    ("Settings: the embedded Spark and Spark Connect", worker.spark.setting_errors),
    ("The start of a process: Postgres is late or away (exit code 4)", worker.process.errors),
    ("The start of a process: Postgres as it is set up (exit code 4)", worker.preflight.errors),
    ("Postgres (exit code 4)", worker.database.errors),
    (
        "Tables and rights (exit code 4), and the worker's own schema (exit code 5)",
        worker.database.schema_errors,
    ),
    ("Database tokens (exit code 6)", worker.credentials.errors),
    ("The workspace (exit code 6)", worker.workspace.errors),
    ("Runs: a job, the end of a run, an attempt that broke off", worker.queue.errors),
    ("Requests and runs of the command line", worker.runs.errors),
    ("The command line itself", worker.cli.errors),
    ("Hints of `dqx-worker doctor`: the workspace", worker.doctor.errors.workspace),
    ("Hints: a host that can't be reached", worker.doctor.errors.network),
    ("Hints: entering Postgres", worker.doctor.errors.login),
    ("Hints: tables, rights and the search_path", worker.doctor.errors.schema),
    ("Hints: statements that fail", worker.doctor.errors.statements),
    ("Hints: Spark and DQX", worker.doctor.errors.spark),
    ("Hints: files and tables", worker.doctor.errors.files),
)


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD]
    for title, module in _ROOMS:
        parts.append(f"## {title}\n")
        parts.extend(_entry(message) for message in messages(module))
    return "\n".join(parts)


def messages(module: ModuleType) -> Iterator[Callable[..., object]]:
    """Return the functions of a module that make a message, in their order."""
    for member in vars(module).values():
        own = inspect.isfunction(member) and member.__module__ == module.__name__
        if own and cure_of(member) is not None:
            yield member


def words(message: Callable[..., object]) -> str:
    """Return what a message says, with the names of what it is about."""
    names = inspect.signature(message).parameters
    return str(message(**{name: f"‹{name}›" for name in names}))


def anchor_of() -> dict[Callable[..., object], str]:
    """Return the anchor of each message on the page."""
    of_all = iter(links.anchors(page()))
    next(of_all)
    found = {}
    for _, module in _ROOMS:
        next(of_all)
        found.update({message: next(of_all) for message in messages(module)})
    return found


def _entry(message: Callable[..., object]) -> str:
    cause = " ".join((inspect.getdoc(message) or "").split())
    return f"### {words(message)}\n\n{cause}\n\n**Cure:** {cure_of(message)}\n"


if __name__ == "__main__":
    print(page(), end="")
