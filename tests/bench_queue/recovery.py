"""How long a run waits after its worker was killed, for the claim of the other one."""

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio
import asyncpg

from deploy.sandbox.postgres import Postgres
from tests.bench_queue.setup import CONTRACT, TABLE, Place, Worker
from tests.chaos.stand_in import stand_in_name
from tests.support.figures import Figure, Goal, median_and_p99, p99
from tests.support.waiting import until
from worker.queue.channels import REQUEST_CHANNEL

__all__ = ["DEFAULT", "FASTEST", "Way", "recoveries"]

_AN_HOUR = 3_600_000
_REQUEST = """
WITH made AS (
    INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status)
    VALUES ($1, $2, 'dqx', $3, 'pending')
)
SELECT pg_notify($4, '')
"""
_HOLDER = """
SELECT l.worker, l.attempt FROM dqx_worker.leases l
JOIN dqx_worker.table_progress t ON t.run_id = l.run_id AND t.state = 'profiling'
WHERE l.run_id = $1
"""
_NEXT = """
SELECT worker, extract(epoch FROM begun_at - $3)::float AS seconds
FROM dqx_worker.attempts WHERE run_id = $1 AND number = $2
"""
_DECIDE = "UPDATE data_profiling_runs SET status = 'cancelled' WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Way:
    """The settings of both workers, and how often the one that has the run is killed."""

    name: str
    settings: Mapping[str, str]
    lease: float
    most: float
    """Seconds that the 99th percentile may be."""
    pairs: int
    """Of workers, each in a database of its own, at the same time."""
    kills: int
    """Of each pair, one after the other."""


FASTEST = Way(
    "lease 3 s, poll interval 100 ms",
    {"DQX_WORKER_LEASE": "3s", "DQX_WORKER_POLL_INTERVAL": "100ms"},
    lease=3,
    most=5,
    pairs=4,
    kills=6,
)
DEFAULT = Way("default settings: lease 15 s", {}, lease=15, most=20, pairs=5, kills=4)


async def recoveries(server: Postgres, folder: Path, way: Way) -> AsyncIterator[Figure]:
    """Measure from just before the kill to the next attempt, on the database's clock."""
    seconds: list[float] = []

    async def one(seed: int) -> None:
        seconds.extend(await _pair(server, folder, way, random.Random(seed)))  # noqa: S311

    async with anyio.create_task_group() as tasks:
        for seed in range(way.pairs):
            tasks.start_soon(one, seed)
    largest = p99(seconds)
    yield Figure(
        f"from SIGKILL to the other worker's claim, {way.name}",
        median_and_p99(seconds, "s", 2),
        Goal(f"p99 ≤ {way.most:g} s", largest <= way.most),
    )


async def _pair(server: Postgres, folder: Path, way: Way, chance: random.Random) -> list[float]:
    """Kill the worker that has the run and start another one in its place, again and again."""
    place = await Place.make(server, folder, **way.settings)
    await place.add_contract(stand_in_name(_AN_HOUR, 1))
    # Asked often: a connection that stays.
    reader = await place.backend.worker.connect()
    workers = [Worker(place), Worker(place)]
    try:
        for worker in workers:
            await worker.ready()
        return [
            # Any moment between two beats, after the first ones.
            await _kill(
                place, reader, workers, f"r{number}", moment=chance.uniform(1, 2) * way.lease / 3
            )
            for number in range(way.kills)
        ]
    finally:
        for worker in workers:
            worker.kill()
        await reader.close()


async def _kill(
    place: Place, reader: asyncpg.Connection, workers: list[Worker], run: str, *, moment: float
) -> float:
    """Return the seconds that one run waited whose worker was killed at a moment of its life."""
    async with place.backend.connection() as owner:
        await owner.execute(_REQUEST, run, CONTRACT, f'["{TABLE}"]', REQUEST_CHANNEL)
        holder = await _row(reader, _HOLDER, run)
        await anyio.sleep(moment)
        (victim,) = [one for one in workers if one.name == holder["worker"]]
        killed_at = await reader.fetchval("SELECT clock_timestamp()")
        victim.kill()
        taken = await _row(reader, _NEXT, run, holder["attempt"] + 1, killed_at)
        assert taken["worker"] != victim.name
        # Somebody decides the run: the worker that has it lets it go.
        await owner.execute(_DECIDE, run)
        workers[workers.index(victim)] = another = Worker(place)
        await another.ready()

        async def let_go() -> bool:
            return not await reader.fetchval("SELECT count(*) FROM dqx_worker.leases")

        await until(let_go, "the lease is closed", seconds=60)
    return float(taken["seconds"])


async def _row(reader: asyncpg.Connection, query: str, *arguments: object) -> asyncpg.Record:
    found: list[asyncpg.Record] = []

    async def there() -> bool:
        found.extend(await reader.fetch(query, *arguments))
        return bool(found)

    await until(there, "a worker has the run", seconds=90)
    return found[0]
