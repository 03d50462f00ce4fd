"""What `dqx-worker job` prints into the log of its launch: phase after phase."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from worker.display.output import print_line
from worker.telemetry.events import Event
from worker.telemetry.redact import redacted
from worker.telemetry.text import bounded

__all__ = ["JobLog"]

Fields = Mapping[str, Any]

_COMMON = frozenset(
    {"event", "level", "logger", "timestamp", "worker"}
    | {"run", "contract", "attempt", "triggered_by"}
)


class JobLog:
    """Prints a line for each phase, made of the events of the worker.

    Its reader may close the stream; the work continues.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, phase: str, text: str) -> None:
        """Print a line for a phase, with the seconds since the start."""
        print_line(
            f"{time.monotonic() - self._began:7.1f} s  {phase:<16}  {bounded(redacted(text))}"
        )

    def __call__(self, event: Fields) -> None:
        """Print the event if it belongs to a phase, or is one to worry about."""
        if line := _LINES.get(event["event"]):
            phase, text = line
            self.say(phase, text(event))
        elif event["level"] not in ("debug", "info"):
            facts = [f"{name}={value}" for name, value in event.items() if name not in _COMMON]
            self.say("remark", f"{event['event']} {' '.join(facts)}")


def _profiled(event: Fields) -> str:
    rows, of_rows = event["rows"], event["of_rows"]
    return (
        f"{event['schema']}: {rows:,} of {of_rows:,} rows of {event['table']} profiled, "
        f"{event['columns']} columns, {event['suggestions']} suggestions, {event['seconds']} s"
    )


def _completed(event: Fields) -> str:
    suggestions = event.get("suggestions")
    return "completed" + (f", {suggestions} suggestions" if suggestions is not None else "")


_LINES: dict[str, tuple[str, Callable[[Fields], str]]] = {
    Event.JOB_PARAMETER_IGNORED: (
        "job parameters",
        lambda event: f"{event['parameter']} is none of this command's: it is ignored",
    ),
    Event.SETTING_OVERRULED: (
        "job parameters",
        lambda event: "; ".join(
            f"{used} counts, not {ignored}"
            for used, ignored in zip(event["used"], event["ignored"], strict=True)
        ),
    ),
    Event.WORKSPACE_OFFLINE: ("workspace client", lambda _: "none: no workspace is configured"),
    Event.WORKSPACE_CONNECTED: (
        "workspace client",
        lambda event: f"{event['host']} by {event['auth']}",
    ),
    Event.WORKSPACE_UNAVAILABLE: (
        "workspace client",
        lambda event: f"none, DQX goes on without: {event['error']}",
    ),
    Event.CREDENTIAL_REFRESHED: (
        "database",
        lambda event: (
            f"token **** for {event['user']} at {event['subject']}, valid {event['valid_s']} s"
        ),
    ),
    Event.CREDENTIAL_REFRESH_FAILED: (
        "database",
        lambda event: f"no new token for {event['subject']}: {event['error']}",
    ),
    Event.DATABASE_CONNECTED: ("database", lambda event: f"connected to {event['url']}"),
    Event.DATABASE_UNAVAILABLE: ("database", lambda event: f"away: {event['error']}"),
    Event.RUN_CLAIMED: (
        "contract",
        lambda event: (
            f"run {event['run']} of contract {event['contract']} claimed, attempt "
            f"{event['attempt']}"
        ),
    ),
    Event.RUN_PLANNED: (
        "contract",
        lambda event: f"schemas to profile: {', '.join(event['schemas'])}",
    ),
    Event.TABLES_UNRESTRICTED: (
        "job parameters",
        lambda _: "any table may be profiled: nothing is excluded",
    ),
    Event.ENGINE_READY: (
        "Spark",
        lambda event: f"Spark {event['spark']}, engine {event['engine']}, {event['seconds']} s",
    ),
    Event.WORK_PROGRESS: (
        "table",
        lambda event: (
            f"{event['tables_done']} of {event['tables_total']} tables done, "
            f"{event['rows']:,} rows profiled"
        ),
    ),
    Event.TABLE_BEGUN: ("table", lambda event: f"{event['schema']}: reading {event['table']}"),
    Event.TABLE_KEPT: (
        "table",
        lambda event: f"{event['schema']}: profiled by an earlier attempt",
    ),
    Event.COLUMN_SKIPPED: (
        "table",
        lambda event: f"{event['schema']}: {event['column']} left out: {event['reason']}",
    ),
    Event.TABLE_PROFILED: ("table", _profiled),
    Event.TABLE_FAILED: ("table", lambda event: f"{event['schema']}: failed: {event['error']}"),
    Event.LEASE_LOST: ("finish", lambda event: f"nothing more is written: {event['reason']}"),
    Event.LEASE_OVERRULED: ("finish", lambda event: f"nothing more is written: {event['reason']}"),
    Event.WORKER_DRAINING: ("finish", lambda event: f"asked to stop ({event['reason']})"),
    Event.RUN_COMPLETED: ("finish", _completed),
    Event.RUN_FAILED: ("finish", lambda event: f"failed: {event['error']}"),
    Event.RUN_ABANDONED: ("finish", lambda event: f"broken off: {event['error']}"),
}
