"""The command line with a declared stand-in for Spark, whose start nothing can break off."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from tests.chaos.stand_in import StandInProfiler
from worker.cli import main as command_line
from worker.cli.invoke import Context
from worker.profiling.options import ProfilingOptions
from worker.profiling.profiler import TableProfiler

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient


@asynccontextmanager
async def _opened(
    options: ProfilingOptions, client: "WorkspaceClient"
) -> AsyncIterator[TableProfiler]:
    print("the start begins", flush=True)
    with anyio.CancelScope(shield=True):
        await anyio.sleep_forever()
    yield StandInProfiler(options, None)


def main(arguments: Sequence[str]) -> None:
    command_line.main(arguments, Context(open_profiler=_opened))
