"""What PROTOCOL.md promises holds in whatever order the statements of several workers come."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from hypothesis import Phase, given, settings

from deploy.sandbox.backend import create_backend
from deploy.sandbox.postgres import Postgres
from tests.queue.protocol.interleave import Stage
from tests.queue.protocol.steps import EXAMPLES, Example


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def stage(server: Postgres, runner: asyncio.Runner) -> Iterator[Stage]:
    """One database for all examples: it is emptied before each."""
    stack = AsyncExitStack()

    async def opened() -> Stage:
        backend = await create_backend(server, "protocol")
        return await stack.enter_async_context(Stage.open(backend, server.admin))

    yield runner.run(opened())
    runner.run(stack.aclose())


_OTHERS = "EXAMPLES" in os.environ


# Always the same examples; with a number, `make test-protocol`, always others, and one that breaks
# a rule is made as short as it can be, which takes its time.
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "200")),
    derandomize=not _OTHERS,
    phases=[Phase.generate, *([Phase.shrink] if _OTHERS else [])],
)
@given(example=EXAMPLES)
def test_whatever_the_order(stage: Stage, runner: asyncio.Runner, example: Example) -> None:
    runner.run(stage.play(example))
