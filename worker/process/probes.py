"""Serves /livez and /readyz to a supervisor, and survives slow or hostile clients.

It runs in a side loop, so that it answers while the main loop is busy. The server is uvicorn's,
which has no deadline for a client that connects and sends nothing or little. So a connection here
has a deadline, and if too many are open the oldest is cut.
"""

import asyncio
import functools
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.concurrency.side_loop import Home, side_loop
from worker.process import errors
from worker.process.health import Health, Report
from worker.process.loop_watch import watch_loop
from worker.process.options import ProbeOptions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["serve_probes"]

log = get_logger(__name__)

_DEADLINE = 3.0
"""Seconds from a connection's begin to its end; an answer takes milliseconds."""
_MOST = 256
"""Connections at once, and as many that wait: file descriptors are needed for other things too."""
_END = 1
"""Seconds that uvicorn may take to end."""


async def serve_probes(
    options: ProbeOptions,
    health: Health,
    *,
    task_status: anyio.abc.TaskStatus[int | None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Answer probes with what `health` says until cancelled; the port is told at the start.

    If it can't listen, it logs that and returns, with None for the port; if that is
    required, it raises `ProbesUnavailable`.
    """
    try:
        listener = await _listen(options)
    except OSError as error:
        reason = _reason(error)
        if options.required:
            raise errors.cannot_serve_probes(options.address, reason) from error
        log.warning(Event.PROBES_UNAVAILABLE, address=options.address, error=reason)
        task_status.started(None)
        return
    with listener:
        async with side_loop("probes") as side:
            port: int = listener.getsockname()[1]
            log.info(Event.PROBES_SERVED, host=options.host, port=port)
            task_status.started(port)
            await side.run(functools.partial(_serve, listener, health))


async def _listen(options: ProbeOptions) -> socket.socket:
    found = await anyio.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
    family, _, _, _, address = found[0]
    return socket.create_server(address, family=family, backlog=_MOST)


def _reason(error: OSError) -> str:
    # Of a port that is taken Python says the address once more.
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or str(error)
    return os.strerror(error.errno)


async def _serve(listener: socket.socket, health: Health, home: Home) -> None:
    """Answer until cancelled."""
    server = _server(health)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_answer_until_exit, server, listener)
        try:
            await watch_loop(home, health)
        finally:
            server.should_exit = True


async def _answer_until_exit(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn closes what it opened when it is asked to end, not when it is cancelled.
    with anyio.CancelScope(shield=True):
        await server.serve([listener])


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the worker."""
        yield


def _server(health: Health) -> uvicorn.Server:
    return _Server(
        uvicorn.Config(
            _app(health),
            http=_protocol(_Connections()),
            ws="none",
            lifespan="off",
            interface="asgi3",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            # Its loggers pass to the worker's, and tell of defects alone: not of garbage.
            log_config=None,
            log_level=logging.ERROR,
            backlog=_MOST,
            timeout_graceful_shutdown=_END,
            # Without it uvicorn reads WEB_CONCURRENCY.
            workers=1,
        )
    )


class _Connections:
    """The open connections, the oldest first: not many, and none of them for long."""

    def __init__(self) -> None:
        self._open: dict[asyncio.Transport, asyncio.TimerHandle] = {}

    def admit(self, transport: asyncio.Transport) -> None:
        """Let a connection live until its deadline, at the cost of the oldest."""
        if len(self._open) >= _MOST:
            oldest = next(iter(self._open))
            self.forget(oldest)
            oldest.abort()
        loop = asyncio.get_running_loop()
        self._open[transport] = loop.call_later(_DEADLINE, transport.abort)

    def forget(self, transport: asyncio.Transport) -> None:
        """Count a connection no more, if it still is."""
        if deadline := self._open.pop(transport, None):
            deadline.cancel()


def _protocol(connections: _Connections) -> type[asyncio.Protocol]:
    """Return uvicorn's HTTP/1.1, whose connections are in `connections`."""

    class Connection(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            connections.admit(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.forget(self.transport)
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:
            # Garbage right behind a request: that one's answer can't follow, and uvicorn 0.54
            # would log that as a defect of the application.
            if self.cycle is not None:
                self.cycle.disconnected = True
            super().send_400_response(msg)

    return Connection


_Send = Callable[[dict[str, Any]], Awaitable[None]]


def _app(health: Health) -> Callable[..., Awaitable[None]]:
    """Return the ASGI application. It never waits for a request's body."""
    reports = {"/livez": health.alive, "/readyz": health.ready}

    async def app(scope: dict[str, Any], _receive: object, send: _Send) -> None:
        report = reports.get(scope["path"])
        if report is None:
            await _answer(send, 404, {"status": "not found"})
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, {"status": "method not allowed"}, (b"allow", b"GET, HEAD"))
        else:
            told = report()
            await _answer(send, 200 if told.ok else 503, _content(told))

    return app


def _content(report: Report) -> dict[str, Any]:
    return {
        "status": "ok" if report.ok else "unavailable",
        "parts": {
            name: {
                "ok": part.ok,
                "since": part.since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "for_s": round(part.seconds, 1),
                **({} if part.ok else {"reason": part.reason}),
                **({} if part.note is None else {"note": part.note}),
            }
            for name, part in report.parts.items()
        },
    }


async def _answer(
    send: _Send, status: int, content: dict[str, Any], *headers: tuple[bytes, bytes]
) -> None:
    """Answer, and have uvicorn close the connection.

    A single answer fits the kernel's buffer, so a client that never reads it holds nothing here.
    """
    body = json.dumps(content).encode() + b"\n"
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                (b"connection", b"close"),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
