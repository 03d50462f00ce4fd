"""`python -m tests.chaos.worker [--dqx] run|job …`: the command line, with the stand-in profiler.

With `--dqx` the tables that are no stand-ins are profiled by DQX.
"""

import sys
from collections.abc import Sequence

from tests.chaos.stand_in import opener
from worker.cli import main as command_line
from worker.cli.invoke import Context

_DQX = "--dqx"


def main(arguments: Sequence[str]) -> None:
    """Run a command; raise `SystemExit` with its exit code unless that is 0."""
    dqx = [one for one in arguments if one == _DQX]
    command_line.main(
        [one for one in arguments if one != _DQX],
        Context(
            open_profiler=opener(dqx=bool(dqx)),
            program=(sys.executable, "-m", "tests.chaos.worker", *dqx),
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
