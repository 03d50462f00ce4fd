"""Hundreds of requests to one real worker, and what its Python holds in the end.

`python -m tests.soak.memory [REQUESTS]`: real DQX on real, tiny tables. The memory of the JVM is
not counted: it has a limit of its own.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import anyio
import psutil

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres
from deploy.sandbox.sample_contracts import Contract, Property, Schema
from deploy.sandbox.worker_process import WorkerProcess, migrate, worker_environment
from tests.support.contracts import write_parquet

__all__ = ["Report", "soak"]

REQUESTS = 500
MOST = 0.10
"""By how much the memory may be larger in the end."""
_TOLD_EACH = 50
_CONTRACT = "c"
_SCHEMAS = 4
# Enough that the worker never waits, and few enough that a claim is what it always is.
_WAITING = 8
_SAMPLES = 5
_ENDED = """
SELECT count(*) FILTER (WHERE status IN ('completed', 'failed')) AS ended,
       count(*) FILTER (WHERE status = 'failed') AS failed
FROM data_profiling_runs
"""
_SETTINGS = {
    "DQX_WORKER_SLOTS": "4",
    "DQX_WORKER_RUNS_PER_CONTRACT": "4",
    "DQX_WORKER_SPARK_MEMORY": "1g",
    "DQX_WORKER_LOG_FORMAT": "json",
    "DQX_WORKER_PROBES": "off",
    "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1",
}


@dataclass
class Report:
    """What was held after how many requests."""

    resident: dict[int, int] = field(default_factory=dict)
    """Bytes, by the number of requests that had ended."""
    failed: int = 0
    seconds: float = 0.0

    @property
    def growth(self) -> float:
        """From the first sample to the last one, as a share of the first."""
        first, last = min(self.resident), max(self.resident)
        return self.resident[last] / self.resident[first] - 1

    def __str__(self) -> str:
        first, last = min(self.resident), max(self.resident)
        return (
            f"{last} requests in {self.seconds:.0f} s, {self.failed} failed; resident memory of "
            f"the Python process {_mib(self.resident[first])} after {first}, "
            f"{_mib(self.resident[last])} after {last}: {self.growth:+.1%} (at most {MOST:+.0%})"
        )


async def soak(
    server: Postgres, folder: Path, requests: int, tell: Callable[[str], None] = print
) -> Report:
    """Keep a worker busy with `requests` requests; return what it held on the way."""
    report = Report()
    backend = await create_backend(server, "soak_memory")
    await backend.add_contract(_contract(folder / "tables"))
    environment = worker_environment(backend.worker, folder / "tables", **_SETTINGS)
    await migrate(environment, folder / "migrate.log")
    began = time.monotonic()
    with WorkerProcess.running(environment, folder / "worker.log") as worker:
        process = psutil.Process(worker.pid)
        asked = ended = 0
        while ended < requests:
            while asked < requests and asked - ended < _WAITING:
                await backend.request(_CONTRACT, [f"table_{asked % _SCHEMAS}"])
                asked += 1
            await anyio.sleep(0.2)
            if worker.exit_code is not None:
                raise RuntimeError(f"the worker ended: {(folder / 'worker.log').read_text()}")
            before = ended
            ended, report.failed = await _ended(backend)
            if ended // _TOLD_EACH > before // _TOLD_EACH or ended == requests:
                report.resident[ended] = await _resident(process)
                tell(
                    f"{time.monotonic() - began:5.0f} s  {ended:4} requests, "
                    f"{_mib(report.resident[ended])}"
                )
    report.seconds = time.monotonic() - began
    return report


def _contract(tables: Path) -> Contract:
    """Return a contract over tables of a column and a few rows each."""
    columns = (Property("id", "integer", "BIGINT", required=True),)
    schemas = tuple(
        Schema(
            f"table_{number}",
            str(write_parquet(tables / f"table_{number}.parquet", id=range(number + 3))),
            "",
            columns,
        )
        for number in range(_SCHEMAS)
    )
    return Contract(_CONTRACT, "Soak", schemas)


async def _ended(backend: Backend) -> tuple[int, int]:
    async with backend.connection() as owner:
        row = await owner.fetchrow(_ENDED)
    assert row is not None
    return row["ended"], row["failed"]


async def _resident(process: psutil.Process) -> int:
    """Return the median over a second: a run in work holds more than one that has ended."""
    samples = []
    for _ in range(_SAMPLES):
        samples.append(process.memory_info().rss)
        await anyio.sleep(0.2)
    return round(median(samples))


def _mib(resident: int) -> str:
    return f"{resident / 2**20:.1f} MiB"


async def main(requests: int) -> int:
    """Print the report; return 1 if a promise was broken."""
    with (
        tempfile.TemporaryDirectory(prefix="dqx-soak-") as folder,
        Postgres.running(Path(folder) / "postgres") as server,
    ):
        report = await soak(server, Path(folder), requests)
    print(report)
    return 0 if report.growth <= MOST and not report.failed else 1


if __name__ == "__main__":
    given = dict(enumerate(sys.argv))
    sys.exit(anyio.run(main, int(given.get(1, REQUESTS))))
