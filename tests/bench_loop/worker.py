"""`python -m tests.bench_loop.worker run`: a worker without Spark that measures its event loop.

It writes each gap between two ticks, and the time of a tick at least ten times a second, to the
file that BENCH_TICKS names.
"""

import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from tests.chaos.stand_in import opener
from worker.cli import main as command_line
from worker.cli.invoke import Context
from worker.profiling.options import ProfilingOptions
from worker.profiling.profiler import TableProfiler
from worker.profiling.results import TableProfile
from worker.sampling.sample import Sample

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

TICKS = "BENCH_TICKS"

_INTERVAL = 0.002
_REPORTED = 0.010
_ALIVE = 0.1
# Of a column of numbers, in the words of DQX.
_STATISTICS = {
    "count": 5000,
    "mean": 49.87321233,
    "stddev": 28.91827364,
    "min": 0.012345678,
    "25%": 25.00123456,
    "50%": 49.91234567,
    "75%": 75.12345678,
    "max": 99.98765432,
    "count_non_null": 4990,
    "count_null": 10,
    "count_distinct": 4873,
}


@asynccontextmanager
async def ticking(
    options: ProfilingOptions, client: "WorkspaceClient"
) -> AsyncIterator[TableProfiler]:
    """Tick while the stand-in is open, in the loop that opened it: the worker's own."""
    async with opener(dqx=False)(options, client) as stand_in, anyio.create_task_group() as tasks:
        tasks.start_soon(_tick, Path(os.environ[TICKS]))
        _count_like_dqx(stand_in)
        yield stand_in
        tasks.cancel_scope.cancel()


async def _tick(file: Path) -> None:
    with file.open("w", buffering=1) as written:
        last = reported = time.monotonic()
        while True:
            await anyio.sleep(_INTERVAL)
            now = time.monotonic()
            if now - last > _REPORTED or now - reported > _ALIVE:
                written.write(f"{now} {now - last}\n")
                reported = now
            last = now


def _count_like_dqx(stand_in: TableProfiler) -> None:
    """Have the profiles of `stand_in` hold as many statistics as a real table's."""
    profile = stand_in.profile

    async def counted(sample: Sample, tag: str) -> TableProfile:
        found = await profile(sample, tag)
        return replace(found, statistics=dict.fromkeys(found.statistics, _STATISTICS))

    vars(stand_in)["profile"] = counted


if __name__ == "__main__":
    command_line.main(sys.argv[1:], Context(open_profiler=ticking))
