"""`python -m tests.bench_profile [PART …]`: exits with 1 where a goal is missed.

Without parts all of them. The machine should have nothing else to do.
"""

import argparse
import logging
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench_profile.bench import Bench
from tests.bench_profile.parts import at_once, big, long, odd, tpch, whole, wide
from tests.support.figures import Figure, table
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs

Part = Callable[[Bench, Path], Iterator[Figure]]
PARTS: dict[str, Part] = {
    "wide": wide,
    "long": long,
    "tpch": tpch,
    "whole": whole,
    "odd": odd,
    "big": big,
    "at-once": at_once,
}


def main(parts: list[str]) -> int:
    """Measure, tell of each figure as it is there, print the table."""
    began = time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="dqx-bench-") as name:
        folder = Path(name)
        bench = Bench.started(folder)
        for part in parts:
            for figure in PARTS[part](bench, folder):
                figures.append(figure)
                print(
                    f"{time.monotonic() - began:5.0f} s  {figure.what}: {figure.measured}",
                    flush=True,
                )
        spark = bench.engine.session.version
        bench.engine.stop()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"\nSpark {spark}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load at the end {load}; {(time.monotonic() - began) / 60:.0f} minutes in all\n"
    )
    print(table(figures))
    return 1 if any(one.goal and not one.goal.met for one in figures) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench_profile", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    # DQX says a line for each rule.
    logging.disable(logging.INFO)
    sys.exit(main(chosen))
