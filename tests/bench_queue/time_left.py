"""How near the estimated time left of a queue of equal runs comes to the time that it takes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import asyncpg

from deploy.sandbox.postgres import Postgres
from tests.bench_queue.setup import CONTRACT, TABLE, Place, Worker
from tests.chaos.stand_in import stand_in_name
from tests.support.figures import Figure, Goal

__all__ = ["time_left"]

_REQUESTS = 200
_MILLISECONDS = 400
_PAUSE = 0.5
"""Seconds between two looks."""
_AT_MOST = 0.3
_INSERT = """
INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status)
SELECT 'r' || lpad(n::text, 3, '0'), $1, 'dqx', $2, 'pending' FROM generate_series(1, $3::int) n
"""
_LOOK = """
SELECT extract(epoch FROM clock_timestamp())::float AS at, waiting + in_work AS left,
       extract(epoch FROM time_left)::float AS estimate,
       (SELECT extract(epoch FROM s.time_left)::float FROM dqx_worker.run_status s
        WHERE s.run_id = 'r100') AS of_one
FROM dqx_worker.queue_status
"""
_ENDS = """
SELECT extract(epoch FROM max(ended_at))::float AS all_runs,
       extract(epoch FROM max(ended_at) FILTER (WHERE run_id = 'r100'))::float AS of_one
FROM dqx_worker.attempts
"""


@dataclass(frozen=True, slots=True)
class _Look:
    """What the views said, and when; seconds of the database's clock."""

    at: float
    left: int
    estimate: float | None
    of_one: float | None


async def time_left(server: Postgres, folder: Path) -> AsyncIterator[Figure]:
    """Look twice a second, from the end of the tenth run until ten are left."""
    place = await Place.make(server, folder)
    await place.add_contract(stand_in_name(_MILLISECONDS, 1))
    reader = await place.backend.worker.connect()
    try:
        with Worker.at(place) as worker:
            await worker.ready()
            async with place.backend.connection() as owner:
                await owner.execute(_INSERT, CONTRACT, f'["{TABLE}"]', _REQUESTS)
            looks = await _looks(reader)
        ends = await reader.fetchrow(_ENDS)
    finally:
        await reader.close()
    assert ends is not None
    steady = [look for look in looks if 10 <= look.left <= _REQUESTS - 10]
    errors = [_error(look.estimate, ends["all_runs"] - look.at) for look in steady]
    yield Figure(
        f"estimated time left of a queue of {_REQUESTS} equal runs, beside the time that it took",
        f"{max(errors):.0%} off at most in {len(errors)} looks",
        Goal("≤ 30 %", max(errors) <= _AT_MOST),
    )
    of_one = [
        _error(look.of_one, ends["of_one"] - look.at)
        for look in steady
        if look.of_one is not None and ends["of_one"] - look.at > 10 * _MILLISECONDS / 1000
    ]
    yield Figure(
        "the same of a run in the middle of the queue",
        f"{max(of_one):.0%} off at most in {len(of_one)} looks",
        Goal("≤ 30 %", max(of_one) <= _AT_MOST),
    )


async def _looks(reader: asyncpg.Connection) -> list[_Look]:
    looks: list[_Look] = []
    while not looks or looks[-1].left:
        looks.append(_Look(*(await reader.fetchrow(_LOOK) or ())))
        await anyio.sleep(_PAUSE)
    return looks


def _error(estimate: float | None, truth: float) -> float:
    return 1.0 if estimate is None else abs(estimate - truth) / truth
