"""A machine that is not loopback, and a workspace that names any addresses."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from deploy.sandbox.workspace.server import LOOPBACK

__all__ = ["Elsewhere", "Site", "elsewhere", "site"]


@dataclass
class Elsewhere:
    """An address of this machine that is not loopback, and what arrives there."""

    url: str
    arrived: list[bytes] = field(default_factory=list)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """Listen on the address that this machine is reached at; skip the test if it has none."""
    # Connecting a datagram socket sends nothing: it only chooses the address to send from.
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        host = probe.getsockname()[0]
    if host.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    with socket.create_server((host, 0)) as listener:
        found = Elsewhere(f"http://{host}:{listener.getsockname()[1]}")
        thread = threading.Thread(target=_accept, args=(listener, found), daemon=True)
        thread.start()
        yield found
        # Wakes the thread, which a mere close does not.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(listener: socket.socket, found: Elsewhere) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            found.arrived.append(connection.recv(65_536))


@dataclass
class Site:
    """A server on loopback; `answers` holds a JSON body, or the target of a redirect, by path."""

    url: str
    answers: dict[str, Mapping[str, Any] | str] = field(default_factory=dict)


@contextmanager
def site() -> Iterator[Site]:
    """Serve a workspace that logs anybody in, and that a test makes name other addresses."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = served.answers.get(self.path)
            if isinstance(answer, str):
                self.send_response(307)
                self.send_header("Location", answer)
            else:
                self.send_response(404 if answer is None else 200)
            body = json.dumps(answer or {}).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002
            """Log nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        url = f"http://{LOOPBACK}:{server.server_port}"
        served = Site(
            url,
            {
                "/.well-known/databricks-config": {"oidc_endpoint": f"{url}/oidc"},
                "/oidc/.well-known/oauth-authorization-server": {
                    "authorization_endpoint": f"{url}/oidc/v1/authorize",
                    "token_endpoint": f"{url}/oidc/v1/token",
                },
                "/oidc/v1/token": {
                    "access_token": "bearer-of-the-test",
                    "token_type": "Bearer",
                    "expires_in": 3600,
                },
            },
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield served
        server.shutdown()
        thread.join()
