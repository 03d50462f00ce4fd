"""Profiles a small table and ends its JVM, which then writes down the classes that it has loaded.

Run by tests.support.jvm; the file is the one of -XX:ArchiveClassesAtExit in SPARK_SUBMIT_OPTS.
"""

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import anyio

from tests.profiling.conftest import options
from tests.support.contracts import write_parquet
from worker.profiling.profiler import Profiler
from worker.workspace.clients import dqx_client
from worker.workspace.options import WorkspaceOptions


async def main(root: Path) -> None:
    table = write_parquet(
        root / "t.parquet",
        id=list(range(10)),
        name=["a"] * 10,
        price=[Decimal("1.5")] * 10,
        day=[date(2024, 1, 1)] * 10,
    )
    async with Profiler.open(options(root), dqx_client(WorkspaceOptions())) as profiler:
        from pyspark import SparkContext

        gateway = SparkContext._gateway
        async with profiler.sample(str(table), "t") as sample:
            await profiler.profile(sample, "t")
        assert gateway is not None
        # It writes the file when it ends by itself, as it does with its input. A JVM that the
        # engine stops is killed, and writes none.
        gateway.proc.stdin.close()
        gateway.proc.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        anyio.run(main, Path(folder))
