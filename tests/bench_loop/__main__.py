"""`python -m tests.bench_loop [SCENARIO …]`: exits with 1 where a goal is missed.

Without scenarios all of them, and docs/figures/loop.md is written. The machine should have nothing
else to do.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import anyio

from deploy.sandbox.postgres import Postgres
from tests.bench_loop.scenarios import SCENARIOS
from tests.support.figures import Figure, table

_PAGE = Path(__file__).parents[2] / "docs" / "figures" / "loop.md"
_HEAD = """\
# Pauses of the worker's event loop

    make bench-loop

runs each scenario with a real Postgres, a separate worker process and a stand-in for Spark, writes
this page, and exits with 1 if a goal is missed. `.venv/bin/python -m tests.bench_loop SCENARIO`
measures one of them: `{names}`. Nothing else should run on the machine.

A task of the main event loop sleeps for 2 ms at a time. The table shows the longest gap between
two wake-ups, from the request until the end of the run. The loop must not pause for longer than the
goal, whatever a request, a contract or a log contains: claims, cancel requests and the ends of runs
depend on it.
"""


async def main(scenarios: list[str]) -> int:
    """Measure, report each figure at once, print the table."""
    began = time.monotonic()
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="dqx-bench-") as name,
        Postgres.running(Path(name) / "postgres") as server,
    ):
        admin = await server.admin.connect()
        version = await admin.fetchval("SHOW server_version")
        await admin.close()
        for scenario in scenarios:
            figure = await SCENARIOS[scenario](server, Path(name))
            figures.append(figure)
            print(
                f"{time.monotonic() - began:4.0f} s  {figure.what}: {figure.measured}", flush=True
            )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    report = (
        f"Postgres {version}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load at the end {load}; {time.monotonic() - began:.0f} s in all.\n\n{table(figures)}\n"
    )
    print(f"\n{report}", end="")
    if scenarios == list(SCENARIOS):
        _PAGE.write_text(f"{_HEAD.format(names='`, `'.join(SCENARIOS))}\n{report}", "utf-8")
    return 1 if any(one.goal and not one.goal.met for one in figures) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench_loop", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    chosen = parser.parse_args().scenarios or list(SCENARIOS)
    if unknown := set(chosen) - SCENARIOS.keys():
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    sys.exit(anyio.run(main, chosen))
