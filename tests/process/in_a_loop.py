"""The command line where an event loop runs already, as Databricks calls it."""

import asyncio
from collections.abc import Sequence

from worker.cli import main as command_line


def main(arguments: Sequence[str]) -> None:
    async def cell() -> None:
        command_line.main(arguments)

    asyncio.run(cell())
