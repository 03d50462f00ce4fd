"""The proxy does to bytes and connections what it says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketStream

from tests.support.proxy import Proxy, Traffic

pytestmark = pytest.mark.anyio


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy before a server that echoes."""

    async def echo(stream: SocketStream) -> None:
        async with stream:
            async for chunk in stream:
                await stream.send(chunk)

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, echo)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610
        async with Proxy.running(port) as running:
            yield running
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[SocketStream]:
    async with await anyio.connect_tcp("127.0.0.1", proxy.port) as stream:
        yield stream


async def echoed(stream: SocketStream, text: bytes, *, within: float = 5.0) -> bytes | None:
    """Return what comes back, or None where nothing does."""
    with anyio.move_on_after(within):
        await stream.send(text)
        return await stream.receive()
    return None


async def test_bytes_flow(proxy: Proxy) -> None:
    async with connected(proxy) as stream:
        assert await echoed(stream, b"one") == b"one"


async def test_a_delay_is_one_each_way(proxy: Proxy) -> None:
    async with connected(proxy) as stream:
        proxy.treat(Traffic.DELAY, delay=0.2)
        began = anyio.current_time()
        assert await echoed(stream, b"one") == b"one"
        assert anyio.current_time() - began >= 0.4


async def test_what_is_held_arrives_in_the_end(proxy: Proxy) -> None:
    async with connected(proxy) as stream:
        proxy.treat(Traffic.HOLD)
        assert await echoed(stream, b"one", within=0.3) is None
        proxy.treat(Traffic.FLOW)
        with anyio.fail_after(5):
            assert await stream.receive() == b"one"


async def test_what_is_dropped_is_lost_and_its_connection_reset_afterwards(proxy: Proxy) -> None:
    async with connected(proxy) as lossy, connected(proxy) as quiet:
        assert await echoed(quiet, b"one") == b"one"
        proxy.treat(Traffic.DROP)
        assert await echoed(lossy, b"two", within=0.3) is None
        proxy.treat(Traffic.FLOW)
        with anyio.fail_after(5), pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
            await lossy.receive()
        assert await echoed(quiet, b"three") == b"three"


async def test_a_refusal_leaves_open_connections_alone_and_ends(proxy: Proxy) -> None:
    async with connected(proxy) as stream:
        assert await echoed(stream, b"one") == b"one"
        proxy.treat(Traffic.REFUSE)
        await anyio.sleep(0.1)
        with pytest.raises(OSError, match=r"(?i)failed|refused"):
            await anyio.connect_tcp("127.0.0.1", proxy.port)
        assert await echoed(stream, b"two") == b"two"
        proxy.treat(Traffic.FLOW)
        await anyio.sleep(0.1)
        async with connected(proxy) as another:
            assert await echoed(another, b"three") == b"three"


async def test_a_cut_resets_every_connection(proxy: Proxy) -> None:
    async with connected(proxy) as stream:
        assert await echoed(stream, b"one") == b"one"
        assert proxy.cut() == 1
        with anyio.fail_after(5), pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
            await stream.receive()
