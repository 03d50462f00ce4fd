"""A thread with an event loop of its own, for work that must go on while the main loop is busy.

The two loops share no object that both change. Each runs the other's calls through an anyio
portal, and neither ever waits with its thread for the other.
"""

import functools
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import TypeVar, TypeVarTuple, overload

import anyio
import anyio.to_thread
from anyio.from_thread import BlockingPortal, start_blocking_portal

__all__ = ["Home", "SideLoop", "side_loop"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Home:
    """The loop that opened a side loop, for use in the side loop."""

    def __init__(self, portal: BlockingPortal) -> None:
        self._portal = portal
        self._outgoing, self._posted = anyio.create_memory_object_stream[
            Callable[[], Awaitable[None]]
        ](math.inf)

    @overload
    async def ask(self, function: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T: ...
    @overload
    async def ask(self, function: Callable[[*Ts], T], *args: *Ts) -> T: ...
    async def ask(self, function: Callable[[*Ts], Awaitable[T] | T], *args: *Ts) -> T:
        """Call `function` in the home loop and return its result.

        This waits while the home loop is busy, so nothing urgent may depend on it.
        """
        return await self._portal.call_async(function, *args)  # type: ignore[arg-type]

    def post(self, function: Callable[[*Ts], Awaitable[None] | None], *args: *Ts) -> None:
        """Have the home loop call `function` soon, in the order of the posts; return at once.

        A post that is not delivered when the work ends is dropped.
        """
        self._outgoing.send_nowait(functools.partial(self.ask, function, *args))

    async def deliver(self) -> None:
        """Deliver posts until cancelled. An error of a posted function is raised here."""
        with self._outgoing, self._posted:
            async for call in self._posted:
                await call()


class SideLoop:
    """A running side loop, for use in its home loop."""

    def __init__(self, portal: BlockingPortal, home: BlockingPortal) -> None:
        self._portal = portal
        self._home = home

    async def call(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """Call `function`, which must be brief, in the side loop and return its result."""
        return await self._portal.call_async(function, *args)

    async def run(self, work: Callable[[Home], Awaitable[T]]) -> T:
        """Run `work` in the side loop and return its result.

        A cancellation of this call cancels `work`, and its end is awaited.
        """
        return await self._portal.call_async(self._deliver_beside, work)

    async def _deliver_beside(self, work: Callable[[Home], Awaitable[T]]) -> T:
        home = Home(self._home)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(home.deliver)
            result = await work(home)
            tasks.cancel_scope.cancel()
        return result


@asynccontextmanager
async def side_loop(name: str) -> AsyncIterator[SideLoop]:
    """Run a side loop in a thread called `name` while the block runs."""
    home, thread = BlockingPortal(), ExitStack()
    async with anyio.create_task_group() as tasks:
        # Nothing is awaited before the block: after a cancellation nothing would stop this. The
        # side loop asks nothing before its home loop's next turn, in which it begins.
        tasks.start_soon(_answer_calls, home)
        try:
            yield SideLoop(thread.enter_context(start_blocking_portal(name=name)), home)
        finally:
            with anyio.CancelScope(shield=True):
                # In a thread: an event loop ends only after its last name look-up.
                await anyio.to_thread.run_sync(thread.close, limiter=anyio.CapacityLimiter(1))
                await home.stop()


async def _answer_calls(home: BlockingPortal) -> None:
    # Shielded: a side loop that is being cancelled may still need answers.
    with anyio.CancelScope(shield=True):
        async with home:
            await home.sleep_until_stopped()
