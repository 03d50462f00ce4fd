"""A TCP proxy that misbehaves on demand: what stands between a worker and its database."""

import errno
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import anyio
from anyio.abc import SocketAttribute, SocketStream, TaskGroup

_LOOPBACK = "127.0.0.1"
_CHUNK = 65536
_PORTS = range(20000, 30000)
"""Below those that systems give to outgoing connections: a port that is let go is there later."""
_next_port = iter(random.sample(_PORTS, len(_PORTS)))


class Traffic(StrEnum):
    """What happens to the bytes that arrive, in either direction."""

    FLOW = "flow"
    DELAY = "delay"
    """Every chunk waits before it is sent on."""
    HOLD = "hold"
    """A partition that heals: everything stands still, and arrives in the end."""
    DROP = "drop"
    """A partition that does not heal: bytes vanish, connections stay open until it is over."""
    REFUSE = "refuse"
    """New connections are refused; those that are open go on."""


@dataclass(eq=False)
class _Link:
    """One connection of a client, with its counterpart to the server."""

    client: SocketStream
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    lossy: bool = False


class Proxy:
    """Listens on `port` for what should reach `target`, a port of this machine.

    Every chunk takes `latency` seconds, whatever else happens to it.
    """

    def __init__(self, target: int, latency: float = 0.0) -> None:
        self.latency = latency
        self.port = free_port()
        self.target = target
        self.traffic = Traffic.FLOW
        self._delay = 0.0
        self._changed = anyio.Event()
        self._links: set[_Link] = set()

    @classmethod
    @asynccontextmanager
    async def running(cls, target: int, latency: float = 0.0) -> AsyncIterator["Proxy"]:
        """Proxy while the block runs."""
        proxy = cls(target, latency)
        async with anyio.create_task_group() as tasks:
            await tasks.start(proxy._listen, tasks)
            yield proxy
            tasks.cancel_scope.cancel()

    def treat(self, traffic: Traffic, *, delay: float = 0.0) -> None:
        """Treat bytes and connections like this from now on."""
        if self.traffic is Traffic.DROP and traffic is not Traffic.DROP:
            # What has lost bytes can't go on.
            self._cut(lossy_only=True)
        self.traffic, self._delay = traffic, delay
        self._changed.set()
        self._changed = anyio.Event()

    def cut(self) -> int:
        """Reset every connection; return how many there were."""
        return self._cut(lossy_only=False)

    def _cut(self, *, lossy_only: bool) -> int:
        links = [link for link in self._links if link.lossy or not lossy_only]
        for link in links:
            link.scope.cancel()
        return len(links)

    async def _listen(
        self,
        tasks: TaskGroup,
        *,
        task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Accept connections, and while they are to be refused have no socket that could."""
        listened = False
        while True:
            async with await anyio.create_tcp_listener(
                local_host=_LOOPBACK, local_port=self.port, reuse_port=False
            ) as listener:
                if not listened:
                    task_status.started()
                    listened = True
                with anyio.CancelScope() as accepting:
                    async with anyio.create_task_group() as watching:
                        watching.start_soon(self._until, {Traffic.REFUSE}, accepting)
                        # In the outer group: a connection outlives the socket that accepted it.
                        await listener.serve(self._serve, tasks)
            await self._until(set(Traffic) - {Traffic.REFUSE})

    async def _until(
        self, wanted: set[Traffic], then_cancel: anyio.CancelScope | None = None
    ) -> None:
        while self.traffic not in wanted:
            await self._changed.wait()
        if then_cancel:
            then_cancel.cancel()

    async def _serve(self, client: SocketStream) -> None:
        link = _Link(client)
        self._links.add(link)
        try:
            with link.scope:
                await self._join(link)
        except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        finally:
            self._links.discard(link)
            _reset_on_close(client)
            await anyio.aclose_forcefully(client)

    async def _join(self, link: _Link) -> None:
        if self.traffic is Traffic.DROP:
            link.lossy = True
        await self._until({Traffic.FLOW, Traffic.DELAY, Traffic.REFUSE})
        async with await anyio.connect_tcp(_LOOPBACK, self.target) as server:
            _refuse_itself(server)
            async with anyio.create_task_group() as pumps:

                async def pump(source: SocketStream, sink: SocketStream) -> None:
                    await self._pump(link, source, sink)
                    # Either end closes both.
                    pumps.cancel_scope.cancel()

                pumps.start_soon(pump, link.client, server)
                pumps.start_soon(pump, server, link.client)

    async def _pump(self, link: _Link, source: SocketStream, sink: SocketStream) -> None:
        while True:
            try:
                chunk = await source.receive(_CHUNK)
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                chunk = b""
            delay = self._delay if self.traffic is Traffic.DELAY else 0.0
            if delay or self.latency:
                await anyio.sleep(max(delay, self.latency))
            while self.traffic is Traffic.HOLD or (not chunk and self.traffic is Traffic.DROP):
                await self._changed.wait()
            if self.traffic is Traffic.DROP:
                link.lossy = True
                continue
            if not chunk:
                return
            try:
                await sink.send(chunk)
            except anyio.BrokenResourceError:
                return


def free_port() -> int:
    """Return a port that nobody has, and that no outgoing connection gets."""
    for port in _next_port:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_LOOPBACK, port))
            except OSError:
                continue
            return port
    raise OSError(errno.EADDRINUSE, "every port for proxies is taken")


def _refuse_itself(stream: SocketStream) -> None:
    """Raise where a connection to a port that nobody listens on has met itself, as TCP allows."""
    ports = (SocketAttribute.local_port, SocketAttribute.remote_port)
    try:
        same = len({stream.extra(port) for port in ports}) == 1  # noqa: S610
    except anyio.TypedAttributeLookupError as error:
        # The other end is gone already.
        raise ConnectionResetError from error
    if same:
        raise ConnectionRefusedError


def _reset_on_close(stream: SocketStream) -> None:
    try:
        raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except (OSError, anyio.ClosedResourceError):
        return
