"""Whether a worker needs more memory where more waits."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import psutil

from deploy.sandbox.postgres import Postgres
from tests.bench_queue.setup import Place, Worker
from tests.chaos.stand_in import stand_in_name
from tests.support.crowded_database import add_requests, load_rows
from tests.support.figures import Figure
from tests.support.waiting import until

__all__ = ["memory"]

_FIRST = 200
_WAITING = 100_000
_SECONDS = 20
_LEFT = """
SELECT count(*) FROM data_profiling_runs WHERE status = 'pending' OR id LIKE 'wait-%'
    AND status = 'running'
"""


async def memory(server: Postgres, folder: Path) -> AsyncIterator[Figure]:
    """Compare a worker that has done some runs with itself while 100,000 more wait."""
    place = await Place.make(server, folder)
    await load_rows(place.backend, finished=1_000, physical_name=stand_in_name(10, 1))
    await add_requests(place.backend, 1, _FIRST)
    with Worker.at(place) as worker:
        await worker.ready()

        async def all_done() -> bool:
            return not await _left(place)

        await until(all_done, f"{_FIRST} runs are done", seconds=120)
        process = psutil.Process(worker.pid)
        before = process.memory_info().rss
        await add_requests(place.backend, _FIRST + 1, _FIRST + _WAITING)
        most = 0
        for _ in range(_SECONDS):
            await anyio.sleep(1)
            most = max(most, process.memory_info().rss)
        claimed = _WAITING - await _left(place)
    yield Figure(
        f"resident memory of a worker (no Spark), none waiting / {_WAITING:,} waiting, "
        f"{claimed} of them done meanwhile",
        f"{before / 2**20:.1f} / {most / 2**20:.1f} MiB ({most / before - 1:+.1%})",
    )


async def _left(place: Place) -> int:
    async with place.backend.connection() as owner:
        return int(await owner.fetchval(_LEFT))
