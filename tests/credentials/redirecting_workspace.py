"""A workspace that logs anybody in, and that a test makes name other addresses."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from deploy.sandbox.workspace.server import LOOPBACK

__all__ = ["Site", "site"]


@dataclass
class Site:
    """A server on loopback; `answers` holds a JSON body, or the target of a redirect, by path."""

    url: str
    answers: dict[str, Mapping[str, Any] | str] = field(default_factory=dict)


@contextmanager
def site() -> Iterator[Site]:
    """Serve such a workspace while the block runs."""

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
