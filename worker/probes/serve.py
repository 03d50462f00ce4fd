"""Serves /livez, /readyz and /metrics, and survives slow or hostile clients.

It runs in a side loop, so that it answers while the main loop is busy.
"""

import functools
import json
import os
import socket
from typing import Any

import anyio

from worker.concurrency.side_loop import Home, side_loop
from worker.metrics.instruments import CONTENT_TYPE, exposition
from worker.probes import errors
from worker.probes.health import Health, Report
from worker.probes.http_server import MOST_CONNECTIONS, Answer, serve_http
from worker.probes.loop_watch import watch_loop
from worker.probes.options import ProbeOptions
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["serve_probes"]

log = get_logger(__name__)


async def serve_probes(
    options: ProbeOptions,
    health: Health,
    *,
    task_status: anyio.abc.TaskStatus[int | None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Answer probes with what `health` says until cancelled; the port is reported at the start.

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
    return socket.create_server(address, family=family, backlog=MOST_CONNECTIONS)


def _reason(error: OSError) -> str:
    # Of a port that is taken Python says the address once more.
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or str(error)
    return os.strerror(error.errno)


async def _serve(listener: socket.socket, health: Health, home: Home) -> None:
    """Answer until cancelled."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve_http, listener, functools.partial(_answer, health))
        await watch_loop(home, health)


def _answer(health: Health, method: str, path: str) -> Answer:
    answers = {
        "/livez": lambda: _reported(health.alive()),
        "/readyz": lambda: _reported(health.ready()),
        "/metrics": lambda: Answer(200, exposition(), CONTENT_TYPE),
    }
    answer = answers.get(path)
    if answer is None:
        return Answer(404, _json({"status": "not found"}))
    if method not in ("GET", "HEAD"):
        content = _json({"status": "method not allowed"})
        return Answer(405, content, headers=(("allow", "GET, HEAD"),))
    return answer()


def _reported(report: Report) -> Answer:
    return Answer(200 if report.ok else 503, _json(_content(report)))


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


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
