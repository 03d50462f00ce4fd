"""How long a request waits for an idle worker: notified, and found by polling."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import anyio

from deploy.sandbox.postgres import Postgres
from tests.bench_queue.setup import CONTRACT, TABLE, Place, Worker
from tests.chaos.stand_in import stand_in_name
from tests.support.figures import Figure, median_and_p99
from tests.support.waiting import until
from worker.queue.channels import REQUEST_CHANNEL

__all__ = ["pick_ups"]

_TOLD = 100
_POLLED = 17
_PLACES = 3
"""Where polling is measured at once: it takes seconds, and hardly any work."""
_LONGEST_POLL = 2.4
_INSERT = """
INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status)
VALUES ($1, $2, 'dqx', $3, 'pending')
"""
_TIMES = """
SELECT 1000 * extract(epoch FROM a.begun_at - r.started_at)::float AS claimed,
       1000 * extract(epoch FROM t.begun_at - r.started_at)::float AS begun
FROM data_profiling_runs r
JOIN dqx_worker.attempts a ON a.run_id = r.id
JOIN dqx_worker.table_progress t ON t.run_id = r.id
WHERE a.number = 1
"""


async def pick_ups(server: Postgres, folder: Path) -> AsyncIterator[Figure]:
    """Measure from the INSERT, on the database's clock."""
    claimed, begun = await _measure(server, folder, _TOLD, notify=True)
    yield Figure("from INSERT with NOTIFY to the claim", median_and_p99(claimed, "ms", 1))
    yield Figure(
        "from INSERT with NOTIFY to its table being in work", median_and_p99(begun, "ms", 1)
    )
    polled: list[float] = []

    async def one() -> None:
        polled.extend((await _measure(server, folder, _POLLED, notify=False))[0])

    async with anyio.create_task_group() as tasks:
        for _ in range(_PLACES):
            tasks.start_soon(one)
    seconds = [value / 1000 for value in polled]
    yield Figure(
        "from INSERT to the claim by polling, default interval", median_and_p99(seconds, "s", 2)
    )


async def _measure(
    server: Postgres, folder: Path, requests: int, *, notify: bool
) -> tuple[list[float], list[float]]:
    """Return ms to the claim, and to the first table being in work."""
    place = await Place.make(server, folder)
    await place.add_contract(stand_in_name(5, 1))
    chance = random.Random(1)  # noqa: S311
    with Worker.at(place) as worker:
        await worker.ready()
        async with place.backend.connection() as owner:
            for number in range(requests):
                # After a run a worker looks at once, and then not before its interval is over.
                await anyio.sleep(chance.uniform(0.1, 0.3 if notify else _LONGEST_POLL))
                async with owner.transaction():
                    await owner.execute(_INSERT, f"r{number}", CONTRACT, f'["{TABLE}"]')
                    if notify:
                        await owner.execute("SELECT pg_notify($1, '')", REQUEST_CHANNEL)

                async def done(run: str = f"r{number}") -> bool:
                    status = "SELECT status FROM data_profiling_runs WHERE id = $1"
                    return bool(await owner.fetchval(status, run) == "completed")

                await until(done, "a request is done", seconds=60)
        reader = await place.backend.worker.connect()
        try:
            rows = await reader.fetch(_TIMES)
        finally:
            await reader.close()
    assert len(rows) == requests
    return [row["claimed"] for row in rows], [row["begun"] for row in rows]
