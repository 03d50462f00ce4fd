"""Runs the command line of its arguments where an event loop runs, as Databricks does."""

import asyncio

from worker.cli.main import main


async def cell() -> None:
    main()


if __name__ == "__main__":
    asyncio.run(cell())
