"""A side loop goes on while its home loop is busy, and ends with its block."""

import threading
import time

import anyio
import anyio.lowlevel
import pytest

from worker.concurrency.side_loop import Home, SideLoop, side_loop

pytestmark = pytest.mark.anyio


async def test_a_side_loop_goes_on_while_its_home_loop_is_busy() -> None:
    """Its posts wait, and come in their order."""
    ticked = threading.Event()
    begun = threading.Event()
    delivered: list[int] = []
    all_delivered = anyio.Event()

    async def tick(home: Home) -> None:
        begun.set()
        for number in range(5):
            home.post(delivered.append, number)
            await anyio.sleep(0.01)
        home.post(all_delivered.set)
        ticked.set()
        await home.ask(all_delivered.wait)

    async with side_loop("side") as side, anyio.create_task_group() as tasks:
        tasks.start_soon(side.run, tick)
        with anyio.fail_after(5):
            while not begun.is_set():
                await anyio.lowlevel.checkpoint()
        before = list(delivered)
        # The home loop stands still until the side loop has done all of it.
        assert ticked.wait(5)
        assert delivered == before
    assert delivered == [0, 1, 2, 3, 4]


async def test_what_the_loops_ask_of_each_other_runs_in_the_thread_of_the_other() -> None:
    here = threading.get_ident()

    async def main_thread(home: Home) -> int:
        return await home.ask(threading.get_ident)

    async with side_loop("side") as side:
        assert await side.call(threading.get_ident) != here
        assert await side.run(main_thread) == here


async def test_a_cancellation_reaches_the_side_loop_and_its_end_is_awaited() -> None:
    """What it still asks of its home loop while it ends is answered."""
    begun = anyio.Event()
    done: list[str] = []

    async def wait(home: Home) -> None:
        home.post(begun.set)
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.1)
                await home.ask(anyio.sleep, 0)
            done.append("ended")

    with anyio.CancelScope() as scope:
        async with side_loop("side") as side, anyio.create_task_group() as tasks:
            tasks.start_soon(side.run, wait)
            with anyio.fail_after(5):
                await begun.wait()
            scope.cancel()
    assert done == ["ended"]


async def test_an_error_in_the_side_loop_is_raised_in_its_home_loop() -> None:
    async def fail(_: Home) -> None:
        raise ValueError("broken")

    async with side_loop("side") as side:
        with pytest.raises(ExceptionGroup) as caught:
            await side.run(fail)
    assert caught.group_contains(ValueError, match="broken")


async def test_an_error_of_a_posted_function_ends_the_work() -> None:
    def fail() -> None:
        raise ValueError("broken")

    async def post(home: Home) -> None:
        home.post(fail)
        await anyio.sleep_forever()

    async with side_loop("side") as side:
        with anyio.fail_after(5), pytest.raises(ExceptionGroup) as caught:
            await side.run(post)
    assert caught.group_contains(ValueError, match="broken")


async def test_the_thread_of_a_side_loop_ends_with_its_block() -> None:
    def threads() -> list[str]:
        return [thread.name for thread in threading.enumerate()]

    async with side_loop("a side loop"):
        assert "a side loop" in threads()
    assert "a side loop" not in threads()


async def test_a_block_that_fails_ends_its_side_loop() -> None:
    left: list[SideLoop] = []

    async def fail_inside() -> None:
        async with side_loop("side") as side:
            left.append(side)
            raise ValueError("broken")

    with anyio.fail_after(5), pytest.raises(ExceptionGroup) as caught:
        await fail_inside()
    assert caught.group_contains(ValueError, match="broken")
    with pytest.raises(RuntimeError, match="not running"):
        await left[0].call(time.monotonic)


@pytest.mark.parametrize("turns", range(6))
async def test_a_cancellation_while_it_starts_ends_it(turns: int) -> None:
    """After each number of turns of the event loop."""

    async def opened() -> None:
        async with side_loop("side"):
            await anyio.sleep_forever()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(opened)
            for _ in range(turns):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
    assert not [one for one in threading.enumerate() if one.name == "side"]
