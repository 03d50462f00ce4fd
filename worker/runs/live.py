"""The queue, the workers and the runs as they are at one moment, for a view that follows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.telemetry.text import NAME_LIMIT

__all__ = ["Moment", "read_moment"]

Row = Mapping[str, Any]

_QUEUE = load_sql(__package__, "queue_status")
_WORKERS = load_sql(__package__, "live_workers")
_RUNS = load_sql(__package__, "live_runs")
_TABLES = load_sql(__package__, "live_tables")

_MOST_WORKERS = 1000
_MOST_TABLES = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """What was read together."""

    queue: Row
    workers: Sequence[Row]
    runs: Sequence[Row]
    """Those in work first, then those that wait, then those that have ended."""
    tables: Mapping[str, Sequence[Row]]
    """The tables in work, by the id of their run."""


async def read_moment(
    database: Database, limit: int, *, status: str | None = None, contract: str | None = None
) -> Moment:
    """Read the moment in four statements, with at most `limit` runs in work, waiting, and ended.

    The runs are those with `status` and of `contract`, if these are given.
    """
    async with database.connection() as connection:
        queue = await connection.fetchrow(_QUEUE)
        workers = await connection.fetch(_WORKERS, _MOST_WORKERS)
        runs = await connection.fetch(_RUNS, limit, NAME_LIMIT, status, contract)
        in_work = [run["id"] for run in runs if run["status"] == "running"]
        rows = await connection.fetch(_TABLES, in_work, _MOST_TABLES) if in_work else []
    tables: dict[str, list[Row]] = {}
    for row in rows:
        tables.setdefault(row["run_id"], []).append(dict(row))
    return Moment(dict(queue or {}), [*map(dict, workers)], [*map(dict, runs)], tables)
