"""What a worker that has nothing to do asks of the database, counted by the server."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import asyncpg

from deploy.sandbox.backend import WORKER
from deploy.sandbox.postgres import Postgres
from tests.bench_queue.setup import Place, Worker
from tests.support.figures import Figure, Goal
from worker.database.sql import load_sql
from worker.maintenance.maintenance import _PRUNE_EVERY, _ROUND

__all__ = ["idle", "name_databases"]

SETTLING = 80
"""Seconds until a worker at default settings has slowed down: thirty looks without a request."""
SECONDS = 240
_MOST = 15
_EACH_ROUND = (("worker.maintenance", "take_maintenance"), ("worker.runs", "unheld_runs"))
_PRUNING = tuple(
    ("worker.maintenance", f"prune_{kind}")
    for kind in ("runs", "workers", "requests", "contracts", "schemas", "evidence")
)
_ROWS = """
SELECT schemaname::text, sum(n_tup_ins + n_tup_upd + n_tup_del)::int AS written
FROM pg_stat_user_tables GROUP BY 1
"""
# A session reports its rows when it has been idle for ten seconds, at the latest.
_STATISTICS = 12


async def idle(server: Postgres, folder: Path) -> AsyncIterator[Figure]:
    """Count every statement of one worker: its looks, its heartbeat, BEGIN and COMMIT too."""
    place = await Place.make(server, folder)
    database = place.backend.worker.database
    admin = await server.admin.connect()
    try:
        await admin.execute(f"ALTER ROLE {WORKER} IN DATABASE {database} SET log_statement = 'all'")
        log = server.home / "postgres.log"
        with Worker.at(place) as worker:
            await worker.ready()
            await anyio.sleep(SETTLING)
            at_start = _statements(log, database)
            rows_before = await _rows(place)
            await anyio.sleep(SECONDS)
            counted = _statements(log, database) - at_start
            await anyio.sleep(_STATISTICS)
            rows = await _rows(place) - rows_before
    finally:
        await admin.close()
    each, pruning = (
        sum(at_start[_first_line(*one)] for one in which) for which in (_EACH_ROUND, _PRUNING)
    )
    maintenance = (each + pruning / _PRUNE_EVERY) / (_ROUND / 60)
    a_minute = 60 / SECONDS
    looks, beats = (
        counted[_first_line("worker.queue", one)] * a_minute for one in ("claim", "beat")
    )
    every = counted.total() * a_minute
    yield Figure(
        f"idle: statements a minute in total ({SECONDS} s, after {SETTLING} s without a request)",
        f"{every + maintenance:.1f}: looks {looks:.1f}, heartbeat {beats:.1f}, other "
        f"{every - looks - beats:.1f}, maintenance {maintenance:.1f} "
        f"(rounds of {_ROUND / 60:.0f} min)",
        Goal(f"≤ {_MOST}", every + maintenance <= _MOST),
    )
    minutes = (SECONDS + _STATISTICS) / 60
    yield Figure(
        "idle: rows written a minute, in the worker's own tables / in the backend's",
        f"{rows['dqx_worker'] / minutes:.1f} / {rows['public'] / minutes:.1f}",
    )


def _statements(log: Path, database: str) -> Counter[str]:
    """Return the statements in a database so far, by their first lines."""
    pattern = re.compile(rf"\[{database}\] LOG:  (?:statement|execute [^:]*): (.*)")
    with log.open(encoding="utf-8", errors="replace") as lines:
        return Counter(found[1] for line in lines if (found := pattern.search(line)))


def _first_line(package: str, name: str) -> str:
    return load_sql(package, name).text.splitlines()[0]


async def _rows(place: Place) -> Counter[str]:
    async with place.backend.connection() as owner:
        return Counter({row["schemaname"]: row["written"] for row in await owner.fetch(_ROWS)})


async def name_databases(admin: asyncpg.Connection) -> None:
    """Have the server begin each line of its log with the name of the database."""
    await admin.execute("ALTER SYSTEM SET log_line_prefix = '%m [%d] '")
    await admin.execute("SELECT pg_reload_conf()")
