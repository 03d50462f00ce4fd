"""`python -m tests.bench_queue [PART …]`: exits with 1 where a goal is missed.

Without parts all of them. The machine should have nothing else to do.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import anyio

from deploy.sandbox.postgres import Postgres
from tests.bench_queue.claim import OWNERS_INDEX, claims
from tests.bench_queue.connections import connections
from tests.bench_queue.idle import idle, name_databases
from tests.bench_queue.memory import memory
from tests.bench_queue.pick_up import pick_ups
from tests.bench_queue.recovery import DEFAULT, FASTEST, recoveries
from tests.bench_queue.time_left import time_left
from tests.support.figures import Figure, table
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs

Measure = Callable[[Postgres, Path], AsyncIterator[Figure]]
# What is short comes before what fills the machine with starting workers.
PARTS: dict[str, tuple[Measure, ...]] = {
    "claim": (claims,),
    "memory": (memory,),
    "connections": (connections,),
    "pick-up": (pick_ups,),
    "time-left": (time_left,),
    "recovery": (partial(recoveries, way=FASTEST), partial(recoveries, way=DEFAULT)),
    "idle": (idle,),
}


async def main(parts: list[str]) -> int:
    """Measure, report each figure at once, print the table."""
    began = time.monotonic()
    figures: list[Figure] = []
    idle_figures: list[Figure] = []

    async def collect(measure: Measure, into: list[Figure]) -> None:
        async for figure in measure(server, folder):
            into.append(figure)
            print(
                f"{time.monotonic() - began:4.0f} s  {figure.what}: {figure.measured}", flush=True
            )

    with (
        tempfile.TemporaryDirectory(prefix="dqx-bench-") as name,
        Postgres.running(Path(name) / "postgres") as server,
    ):
        folder = Path(name)
        admin = await server.admin.connect()
        await name_databases(admin)
        version = await admin.fetchval("SHOW server_version")
        await admin.close()
        async with anyio.create_task_group() as tasks:
            # It takes minutes, and asks for a quarter of a statement a second.
            if "idle" in parts:
                tasks.start_soon(collect, idle, idle_figures)
            for part in parts:
                if part != "idle":
                    for measure in PARTS[part]:
                        await collect(measure, figures)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"\nPostgres {version}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load at the end {load}; {time.monotonic() - began:.0f} s in all\n"
    )
    print(table([*figures, *idle_figures]))
    if "claim" in parts:
        print(f"\nThe index that the owner of the table may add:\n\n{OWNERS_INDEX}")
    missed = [one for one in (*figures, *idle_figures) if one.goal and not one.goal.met]
    return 1 if missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench_queue", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    sys.exit(anyio.run(main, chosen))
