"""The table of what is retried, in docs/operating.md, has the numbers of the code."""

import re
from pathlib import Path

import pytest

from worker.attempt import finish_run, publish, work_on_table
from worker.credentials import lifetime
from worker.database import migrate, outage, pool
from worker.preflight import schema_watch
from worker.process import drain, job, last_try, poller, ready_database
from worker.profiling import profiler
from worker.queue import claim_run, options, renew_leases
from worker.runs import cancel
from worker.spark.engines import connect, databricks, local, remote

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/operating.md"


def doubling(first: float, longest: float) -> str:
    return f"doubles from {first:g} s to {longest:g} s"


NUMBERS: dict[str, tuple[str, ...]] = {
    "database/outage.py": (
        doubling(outage._FIRST_PAUSE, outage._LONGEST_PAUSE),
        f" {outage._FAILURES} times in a row",
    ),
    "database/pool.py": (f"| {pool._CONFLICT_PAUSE:g} s |", f" {pool._CONFLICT_TRIES} tries"),
    "database/open_connection.py": ("One retry",),
    "process/ready_database.py": (
        doubling(ready_database._FIRST_PAUSE, ready_database._LONGEST_PAUSE),
    ),
    "database/migrate.py": (
        doubling(migrate._FIRST_PAUSE, migrate._LONGEST_PAUSE),
        f" {migrate._MADE_TRIES} times",
    ),
    "queue/renew_leases.py": (f"at least {renew_leases._SHORTEST_PAUSE:g} s",),
    "preflight/schema_watch.py": (f"| {schema_watch._MISSING:g} s |",),
    "credentials/lifetime.py": (
        f" to {lifetime._LONGEST_PAUSE:g} s,",
        f"to {lifetime._LONGEST_PAUSE_VALID:g} s while",
        f"up to {lifetime._LONGEST_ASKED:g} s",
    ),
    "queue/claim_run.py": (f"| {claim_run._PAUSE:g} s |",),
    "runs/cancel.py": (f" {cancel._TRIES} tries",),
    "process/poller.py": (f"| {poller._SETTLE_PAUSE:g} s |",),
    "attempt/work_on_table.py": (f"| {work_on_table._RETRY_PAUSE:g} s |", "One retry"),
    "attempt/publish.py": (f" {publish._ROUNDS} tries",),
    "queue/options.py": (f" to {options._LONGEST_BACK_OFF.total_seconds() / 3600:g} h",),
    "attempt/finish_run.py": (doubling(finish_run._FIRST_PAUSE, finish_run._LONGEST_PAUSE),),
    "process/job.py": (
        f"| {job._PAUSE:g} s |",
        f" {job._RECORD:g} s, or {drain._LAST_WRITES:g} s after a signal",
    ),
    "process/last_try.py": (f"| {last_try._PAUSE:g} s |",),
    "spark/engines/local.py": (f"| {profiler._LOOK:g} s |", f" {local._STARTS} tries"),
    "spark/engines/remote.py": (
        f"| {remote._PAUSE:g} s |",
        f"{connect._PATIENCE:g} s with `connect`",
        f"{databricks._PATIENCE:g} s with `databricks`",
        f"after {profiler._LOOK:g} s",
    ),
}

WAITS = {
    "cli/cancel_one.py": "the end of a run",
    "cli/cancel_many.py": "the ends of cancelled runs, which workers write",
    "display/watch_queue.py": "the next look at the queue",
    "cli/watch_run.py": "news of a run",
    "probes/http_server.py": "file descriptors",
    "probes/loop_watch.py": "the next look at the main loop",
    "process/service.py": "the next look at the health",
    "maintenance/maintenance.py": "the next round",
    "process/release_memory.py": "the next moment at rest",
    "process/report_progress.py": "the next line of the log",
    "spark/left_tasks.py": "the end of tasks in Spark",
    "profiling/profiler.py": "a lost session: the rows of the engines",
    "runs/wait_for_end.py": "the end of a run",
    "queue/notifications.py": "further notifications",
}
"""Other files that sleep, and what for."""

ROW = re.compile(r"^\|.*\| \[\w+\.py\]\(\.\./worker/([\w/]+\.py)\) \|$", re.MULTILINE)


def rows() -> dict[str, str]:
    section = PAGE.read_text("utf-8").partition("\n## What is retried\n")[2]
    return {found[1]: found[0] for found in ROW.finditer(section)}


def test_the_table_has_a_row_for_each_loop() -> None:
    assert sorted(rows()) == sorted(NUMBERS)


@pytest.mark.parametrize("file", NUMBERS)
def test_a_row_has_the_numbers_of_the_code(file: str) -> None:
    assert [number for number in NUMBERS[file] if number not in rows()[file]] == []


def test_whatever_else_sleeps_retries_nothing() -> None:
    """A new loop that retries gets a row in the table; one that waits is named here."""
    sleeping = {
        str(path.relative_to(ROOT / "worker"))
        for path in (ROOT / "worker").rglob("*.py")
        if re.search(r"\b(anyio|time)\.sleep\(", path.read_text("utf-8"))
    }
    assert sleeping - NUMBERS.keys() == WAITS.keys()
