"""`python -m tests.bench_worker [PART …]`: exits with 1 if a goal is missed.

Without parts all of them. The machine should have nothing else to do.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import anyio

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from deploy.sandbox.worker_process import WorkerProcess, migrate, worker_environment
from tests.bench_worker.busy import busy
from tests.bench_worker.memory import MB, sizes_of
from tests.bench_worker.progress import progress
from tests.bench_worker.table import COLUMNS, ROWS, write_table
from tests.support.figures import Figure, Goal, median_and_p99, p99, table
from tests.support.waiting import until
from worker.spark.class_archive import archive_path

_RUNS = 100
_REST = 30
"""Seconds without work before memory is read."""
_INSERT = """
INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status)
VALUES ($1, 'c', 'dqx', '["wide"]', 'pending')
"""
_SECONDS = """
SELECT extract(epoch FROM a.ended_at - r.started_at)::float
FROM data_profiling_runs r JOIN dqx_worker.attempts a ON a.run_id = r.id
WHERE r.contract_id = 'c' AND r.status = 'completed' AND r.id <> 'first'
"""
"""From the INSERT, on the database's clock."""


async def main(parts: Sequence[str]) -> int:
    """Measure, print each figure as it is there, and the table at the end."""
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="dqx-bench-") as name,
        Postgres.running(Path(name) / "postgres") as server,
    ):
        for part in parts:
            folder = Path(name) / part
            await anyio.Path(folder).mkdir()
            async for figure in PARTS[part](server, folder):
                figures.append(figure)
                print(f"{figure.what}: {figure.measured}", flush=True)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"\nPython {platform.python_version()}, {os.cpu_count()} cores, load at the end {load}\n\n"
        f"{table(figures)}"
    )
    return 1 if any(one.goal and not one.goal.met for one in figures) else 0


async def _figures(server: Postgres, folder: Path) -> AsyncIterator[Figure]:
    backend = await create_backend(server, "bench")
    path = folder / "wide.parquet"
    columns = tuple(Property(one, "string", "", required=False) for one in write_table(path))
    await backend.add_contract(Contract("c", "Bench", (Schema("wide", str(path), "", columns),)))
    environment = worker_environment(
        backend.worker, folder, DQX_WORKER_LOG_FORMAT="json", DQX_WORKER_PROBES="off"
    )
    await migrate(environment, folder / "migrate.log")
    if not archive_path().exists():
        # As the image and the page on operating have it.
        await anyio.run_process([sys.executable, "-m", "worker.profiling.archive_classes"])
    without = environment | {"SPARK_SUBMIT_OPTS": "-Xshare:auto"}
    with WorkerProcess.running(without, folder / "without.log") as worker:
        start = await _ready(worker)
    yield Figure("from exec to ready, without an archive of Spark's classes", f"{start:.1f} s")
    with WorkerProcess.running(environment, folder / "worker.log") as worker:
        start = await _ready(worker)
        yield Figure(
            "from exec to ready, with an archive of Spark's classes",
            f"{start:.1f} s",
            Goal("≤ 8 s", start <= 8),
        )
        await anyio.sleep(_REST)
        yield _memory(worker.pid, f"at rest, {_REST} s after the start")
        first = await _run(backend, "first")
        yield Figure(f"the first run, {ROWS:,} rows and {COLUMNS} columns", f"{first:.2f} s")
        for number in range(_RUNS):
            await _run(backend, f"r{number}")
        reader = await backend.worker.connect()
        try:
            seconds = [row[0] for row in await reader.fetch(_SECONDS)]
        finally:
            await reader.close()
        yield Figure(
            f"from INSERT to the end of a run, {ROWS:,} rows and {COLUMNS} columns",
            median_and_p99(seconds, "s", 2),
            Goal("p99 ≤ 2 s", len(seconds) == _RUNS and p99(seconds) <= 2),
        )
        await anyio.sleep(_REST)
        yield _memory(worker.pid, f"at rest, {_REST} s after {_RUNS} runs")
        yield await progress(backend, folder)


async def _ready(worker: WorkerProcess) -> float:
    """Wait until a worker that has just been started is ready; return the seconds since."""
    began = time.monotonic()

    async def ready() -> bool:
        return '"worker.ready"' in worker.log.read_text("utf-8")

    await until(ready, f"the worker is ready: see {worker.log}", seconds=120)
    return time.monotonic() - began


async def _run(backend: Backend, run_id: str) -> float:
    """Request a run, wait for its end, and return the seconds that it took."""
    began = time.monotonic()
    async with backend.connection() as owner:
        await owner.execute(_INSERT, run_id)
        await owner.execute("SELECT pg_notify('dqx_worker_request', '')")

        async def done() -> bool:
            query = "SELECT status FROM data_profiling_runs WHERE id = $1"
            return bool(await owner.fetchval(query, run_id) == "completed")

        await until(done, f"run {run_id} is completed", seconds=60)
    return time.monotonic() - began


def _memory(pid: int, when: str) -> Figure:
    sizes = sizes_of(pid)
    total = sum(sizes.values()) / MB
    parts = ", ".join(f"{name} {size / MB:.0f}" for name, size in sorted(sizes.items()))
    return Figure(f"memory {when}", f"{total:.0f} MB: {parts}", Goal("≤ 600 MB", total <= 600))


PARTS: dict[str, Callable[[Postgres, Path], AsyncIterator[Figure]]] = {
    "usual": _figures,
    "busy": busy,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench_worker", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    sys.exit(anyio.run(main, chosen))
