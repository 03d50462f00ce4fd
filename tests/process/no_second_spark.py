"""`python -m tests.process.no_second_spark run`: a stand-in whose own processes have no Spark."""

import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from tests.chaos.stand_in import opener
from worker.cli import main as command_line
from worker.cli.invoke import Context
from worker.profiling.options import ProfilingOptions
from worker.profiling.profiler import TableProfiler
from worker.tables.errors import EngineError

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_CHILD = "--child"
_PROGRAM = (sys.executable, "-m", "tests.process.no_second_spark", _CHILD)


def _no_spark(
    options: ProfilingOptions, client: "WorkspaceClient"
) -> AbstractAsyncContextManager[TableProfiler]:
    raise EngineError("there is no memory for another Spark")


def main(arguments: Sequence[str]) -> None:
    """Run a command; raise `SystemExit` with its exit code unless that is 0."""
    child = _CHILD in arguments
    command_line.main(
        [one for one in arguments if one != _CHILD],
        Context(open_profiler=_no_spark if child else opener(dqx=False), program=_PROGRAM),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
