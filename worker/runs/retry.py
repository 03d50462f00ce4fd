"""Another request for what a run has left undone, or for all of it, as an operator asks for it.

The backend polls no run that has ended, and offers the suggestions of the newest run. So a retry is
a new run: its end moves there what still waits from the earlier one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from worker.database.pool import Connection, Database
from worker.database.sql import load_sql
from worker.database.storable_text import storable
from worker.queue import errors as queue_errors
from worker.queue.channels import REQUEST_CHANNEL
from worker.queue.claimed_run import LONGEST_SCHEMA_NAMES
from worker.runs import errors
from worker.runs.requests import inserting_requests

__all__ = ["Retry", "retry"]

_ENDED = load_sql(__package__, "ended_run")
_INSERT = load_sql(__package__, "insert_retry")
_MAY_COPY = load_sql(__package__, "may_copy_options")
_COPY = load_sql(__package__, "copy_options")
_ROLE = load_sql(__package__, "role")
_NOTIFY = load_sql(__package__, "notify")

_LONGEST_SUMMARY = 10_000_000
"""Characters. Of a longer summary nothing is known to be done."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The new request, and the schemas that it names; None if these are the run's own."""

    run_id: str
    schemas: Sequence[str] | None


async def retry(database: Database, run_id: str, *, everything: bool) -> Retry:
    """Insert a request for the tables that the run has not completed, or for all; wake the workers.

    It has the contract, the user and the options of the run. Raises `RunUnclaimable` if the run has
    not ended or has nothing to retry, and `RequestForbidden` if the role lacks a right.
    """
    new = str(uuid4())

    async def insert(transaction: Connection) -> Retry:
        row = await transaction.fetchrow(_ENDED, run_id, LONGEST_SCHEMA_NAMES, _LONGEST_SUMMARY)
        _refuse(run_id, row)
        schemas = None if everything else _unfinished(run_id, row)
        names = None if schemas is None else json.dumps(schemas)
        if not await transaction.fetchval(_INSERT, new, run_id, names):
            raise errors.not_ended(run_id, "changing")
        await _copy_options(transaction, new, run_id, schemas)
        await transaction.execute(_NOTIFY, REQUEST_CHANNEL)
        return Retry(new, schemas)

    async with inserting_requests(database):
        return await database.run(insert)


def _refuse(run_id: str, row: Any) -> None:
    """Raise what keeps the run from being retried."""
    if row is None:
        raise queue_errors.no_such_run(run_id)
    if row["source"] != "dqx":
        raise queue_errors.another_source(run_id, row["source"])
    if row["status"] in ("pending", "running"):
        raise errors.not_ended(run_id, row["status"])


def _unfinished(run_id: str, row: Any) -> list[str]:
    """Return the schema names of the run that it has not completed, each once, in their order."""
    names = _loaded(row["schema_names"])
    if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
        raise errors.names_unreadable(run_id)
    completed = _completed(_loaded(row["summary_stats"]))
    left = [name for name in dict.fromkeys(names) if storable(name) not in completed]
    if not left:
        raise errors.nothing_failed(run_id, len(names))
    return left


def _completed(summary: Any) -> set[str]:
    """Return the names of the tables that a run's summary shows as profiled."""
    tables, failures = _part(summary, "tables", dict), _part(summary, "errors", list)
    failed = {one.get("schema") for one in failures if isinstance(one, dict)}
    return {
        name
        for name, table in tables.items()
        if isinstance(table, dict) and table and "error" not in table and name not in failed
    }


def _part(summary: Any, name: str, kind: type) -> Any:
    """Return a part of the summary, which is empty if it is not there or is of another type."""
    part = summary.get(name) if isinstance(summary, dict) else None
    return part if isinstance(part, kind) else kind()


def _loaded(text: str | None) -> Any:
    """Return what a text of JSON holds; None if it is no JSON."""
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


async def _copy_options(
    transaction: Connection, new: str, run_id: str, schemas: Sequence[str] | None
) -> None:
    if not await transaction.fetchval(_MAY_COPY):
        raise errors.may_not_copy_options(str(await transaction.fetchval(_ROLE)))
    await transaction.execute(_COPY, new, run_id, schemas and list(map(storable, schemas)))
