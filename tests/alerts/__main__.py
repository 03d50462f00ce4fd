"""`python -m tests.alerts [NAME …]`: exits with 1 if an alert does not fire, or another one does.

All scenarios run at once. Each has workers of its own, which are a job of one Prometheus; the
durations of the rules are divided by 30.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import anyio

from tests.alerts.play import play_all
from tests.alerts.prometheus import FACTOR
from tests.alerts.promtool import refused
from tests.alerts.rules import read_rules
from tests.alerts.scenarios import SCENARIOS
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.alerts", description=__doc__)
    names = {one.name: one for one in SCENARIOS}
    parser.add_argument("names", nargs="*", choices=[*names, []], metavar="NAME")
    parser.add_argument("--folder", type=Path, help="a new folder, to keep the logs in")
    given = parser.parse_args()
    chosen = [names[name]() for name in given.names or names]
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    print(f"{len(chosen)} scenarios at once, with the durations of the rules divided by {FACTOR}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        if words := refused(folder, FACTOR):
            print(words, file=sys.stderr)
            return 1
        results, clean = anyio.run(play_all, chosen, folder)
    never = {rule.alert for rule in read_rules()} - {name for one in results for name in one.fired}
    if never and not given.names:
        print(f"Never fired: {', '.join(sorted(never))}")
        return 1
    return 0 if clean and all(one.ok for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
