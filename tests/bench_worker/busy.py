"""The most memory that a worker takes: wide tables, as many at once as it works on."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.to_thread

from deploy.sandbox.backend import create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from deploy.sandbox.worker_process import WorkerProcess, migrate, worker_environment
from tests.bench_worker.memory import MB, sizes_of
from tests.bench_worker.table import COLUMNS, ROWS, write_table
from tests.support.figures import Figure
from tests.support.runs import ended

__all__ = ["busy"]

_TABLES = 4
"""As many as a worker works on at once by default."""
_WIDTHS = ((COLUMNS, 20), (1_000, 1))
"""The number of columns of the tables, and that of the runs."""
_PAUSE = 0.2
_MOST_SECONDS = 600.0


async def busy(server: Postgres, folder: Path) -> AsyncIterator[Figure]:
    """Have a worker do runs of tables of each width, and watch its size."""
    for width, runs in _WIDTHS:
        most = await _most(server, folder, width, runs)
        parts = ", ".join(f"{name} {size / MB:.0f}" for name, size in sorted(most.items()))
        yield Figure(
            f"most memory, runs: {runs}, each of {_TABLES} tables of {ROWS:,} rows and {width:,} "
            "columns",
            f"{sum(most.values()) / MB:.0f} MB: {parts}",
        )


async def _most(server: Postgres, folder: Path, width: int, runs: int) -> dict[str, int]:
    """Return the sizes of a worker's processes when together they were largest."""
    backend = await create_backend(server, f"busy{width}")
    schemas = []
    for number in range(_TABLES):
        path = folder / f"wide{width}_{number}.parquet"
        names = await anyio.to_thread.run_sync(write_table, path, width)
        columns = tuple(Property(one, "string", "", required=False) for one in names)
        schemas.append(Schema(f"wide{number}", str(path), "", columns))
    await backend.add_contract(Contract("c", "Bench", tuple(schemas)))
    environment = worker_environment(
        backend.worker, folder, DQX_WORKER_LOG_FORMAT="json", DQX_WORKER_PROBES="off"
    )
    await migrate(environment, folder / "migrate.log")
    most: dict[str, int] = {}
    with WorkerProcess.running(environment, folder / f"busy{width}.log") as worker:

        async def watch() -> None:
            nonlocal most
            while True:
                sizes = await anyio.to_thread.run_sync(sizes_of, worker.pid)
                most = max(most, sizes, key=lambda one: sum(one.values()))
                await anyio.sleep(_PAUSE)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch)
            names = [schema.name for schema in schemas]
            requested = [await backend.request("c", names) for _ in range(runs)]
            await ended(backend, *requested, seconds=_MOST_SECONDS)
            tasks.cancel_scope.cancel()
    return most
