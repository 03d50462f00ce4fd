"""How many connections a worker with default settings has open while it is busy."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Schema
from tests.bench_queue.setup import Place, Worker
from tests.chaos.stand_in import stand_in_name
from tests.support.figures import Figure
from tests.support.runs import ended

__all__ = ["connections"]

_TABLES = 6
_CONTRACTS = 4
_RUNS = 40
_PAUSE = 0.02
_OPEN = """
SELECT count(*) FROM pg_stat_activity WHERE usename = 'dqx_worker' AND datname = $1
"""


async def connections(server: Postgres, folder: Path) -> AsyncIterator[Figure]:
    """Take the largest number while runs of several tables are worked on, and that at rest."""
    place = await Place.make(server, folder)
    schemas = tuple(
        Schema(f"t{number}", stand_in_name(20, 20), "", ()) for number in range(_TABLES)
    )
    for number in range(_CONTRACTS):
        await place.backend.add_contract(Contract(f"c{number}", "Bench", schemas))
    most = 0
    admin = await server.admin.connect()
    try:
        with Worker.at(place) as worker:
            await worker.ready()
            at_rest = await admin.fetchval(_OPEN, place.backend.worker.database)

            async def watch() -> None:
                nonlocal most
                while True:
                    now = await admin.fetchval(_OPEN, place.backend.worker.database)
                    most = max(most, now)
                    await anyio.sleep(_PAUSE)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch)
                names = [schema.name for schema in schemas]
                runs = [
                    await place.backend.request(f"c{number % _CONTRACTS}", names)
                    for number in range(_RUNS)
                ]
                await ended(place.backend, *runs)
                tasks.cancel_scope.cancel()
    finally:
        await admin.close()
    yield Figure(
        f"connections of a worker, at rest / {_RUNS} runs of {_TABLES} tables, default settings",
        f"{at_rest} / at most {most}",
    )
