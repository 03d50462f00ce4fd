"""Asks the probes as a supervisor does, over a socket."""

import json
from dataclasses import dataclass
from typing import Any

import anyio
from anyio.abc import SocketStream

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def ask(port: int, path: str = "/readyz", method: str = "GET", more: bytes = b"") -> Answer:
    request = f"{method} {path} HTTP/1.1\r\nhost: worker\r\n".encode() + more + b"\r\n"
    async with await anyio.connect_tcp(HOST, port) as client:
        await client.send(request)
        head, _, body = (await until_cut(client)).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(int(first.split()[1]), headers, body)


async def until_cut(client: SocketStream) -> bytes:
    """Return what the server sends until it closes or cuts the connection."""
    received = b""
    while True:
        try:
            received += await client.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return received
