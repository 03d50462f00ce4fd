"""A minimal HTTP/1.1 server that survives slow and hostile clients.

It answers one request per connection, without its body, and closes the connection. h11 parses the
request and limits its size. A connection has a deadline from its begin to its end, and if too many
are open the oldest is cut.
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate

import anyio
import anyio.lowlevel
import h11

__all__ = ["MOST_CONNECTIONS", "Answer", "serve_http"]

MOST_CONNECTIONS = 256
"""Connections at once, and as many that wait: file descriptors are needed for other things too."""
_DEADLINE = 3.0
"""Seconds from a connection's begin to its end; an answer takes milliseconds."""
_NO_DESCRIPTOR_PAUSE = 0.1
"""Seconds before the next connection is accepted if the system could not accept one."""
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: int
    content: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Server:
    """Answers what clients ask; `connections` are the open ones, the oldest first."""

    answer: Callable[[str, str], Answer]
    connections: dict[anyio.CancelScope, None] = field(default_factory=dict)

    def admit(self) -> anyio.CancelScope:
        """Return the scope of a new connection, at the cost of the oldest if too many are open."""
        if len(self.connections) >= MOST_CONNECTIONS:
            oldest = next(iter(self.connections))
            del self.connections[oldest]
            oldest.cancel()
        scope = anyio.CancelScope(deadline=anyio.current_time() + _DEADLINE)
        self.connections[scope] = None
        return scope

    async def serve(self, client: socket.socket, scope: anyio.CancelScope) -> None:
        """Answer one client and close its connection."""
        try:
            with client, scope:
                await _answer(client, self.answer)
        except OSError:
            # The client is gone.
            return
        finally:
            self.connections.pop(scope, None)


async def serve_http(listener: socket.socket, answer: Callable[[str, str], Answer]) -> None:
    """Answer the clients of a listening socket until cancelled.

    `answer` gets the method and the path of a request.
    """
    server = _Server(answer)
    listener.setblocking(False)
    async with anyio.create_task_group() as tasks:
        while True:
            # Accepting does not wait while clients queue, and other tasks need their turn.
            await anyio.lowlevel.checkpoint()
            try:
                client, _ = await asyncio.get_running_loop().sock_accept(listener)
            except OSError:
                await anyio.sleep(_NO_DESCRIPTOR_PAUSE)
                continue
            tasks.start_soon(server.serve, client, server.admit())


async def _answer(client: socket.socket, answer: Callable[[str, str], Answer]) -> None:
    http = h11.Connection(h11.SERVER)
    try:
        request = await _request(client, http)
    except h11.RemoteProtocolError as error:
        await _send(client, http, Answer(error.error_status_hint, b'{"status": "bad request"}\n'))
        return
    if request is not None:
        method = request.method.decode("ascii")
        path = request.target.partition(b"?")[0].decode("ascii")
        await _send(client, http, answer(method, path), body=method != "HEAD")


async def _request(client: socket.socket, http: h11.Connection) -> h11.Request | None:
    """Return the head of the client's request; None if it closes the connection before that."""
    loop = asyncio.get_running_loop()
    while (event := http.next_event()) is h11.NEED_DATA:
        http.receive_data(await loop.sock_recv(client, _CHUNK))
    return event if isinstance(event, h11.Request) else None


async def _send(
    client: socket.socket, http: h11.Connection, answer: Answer, *, body: bool = True
) -> None:
    """Send the answer, which fits the kernel's buffer: a client that never reads holds nothing."""
    headers = [
        ("date", formatdate(usegmt=True)),
        ("content-type", answer.content_type),
        ("content-length", str(len(answer.content))),
        ("cache-control", "no-store"),
        ("connection", "close"),
        *answer.headers,
    ]
    head = http.send(h11.Response(status_code=answer.status, headers=headers)) or b""
    await asyncio.get_running_loop().sock_sendall(client, head + answer.content * body)
