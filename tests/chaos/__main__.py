"""`python -m tests.chaos --seed 1 --minutes 5`: exits with 1 where a promise was broken."""

import argparse
import functools
import sys
from pathlib import Path

import anyio

from tests.chaos.chaos import Plan, run_chaos
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--lease", type=float, default=3.0, help="seconds")
    parser.add_argument("--round-trip", type=float, default=0.0, help="milliseconds, all the time")
    parser.add_argument("--settle", type=float, default=90.0, help="seconds at the end")
    parser.add_argument("--no-dqx", action="store_true", help="stand-ins alone, no Spark")
    parser.add_argument("--folder", type=Path, help="a new folder, to keep the logs in")
    given = parser.parse_args()
    return Plan(
        seed=given.seed,
        seconds=given.minutes * 60,
        workers=given.workers,
        lease=given.lease,
        settle=given.settle,
        round_trip=given.round_trip / 1000,
        dqx=not given.no_dqx,
        folder=given.folder,
    )


def main() -> int:
    """Run, print, and return the exit code."""
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    report = anyio.run(run_chaos, _plan(), functools.partial(print, flush=True))
    print("", report, *report.violations, sep="\n")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
