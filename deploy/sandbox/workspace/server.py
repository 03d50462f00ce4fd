"""Serves a stand-in workspace over HTTP on loopback, from a thread of its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from deploy.sandbox.workspace.endpoints import Workspace

__all__ = ["LOOPBACK", "serve", "serving"]

LOOPBACK = "127.0.0.1"
_BACKLOG = 100
_STOP_TIMEOUT = 10.0


@contextmanager
def serving(workspace: Workspace, port: int = 0) -> Iterator[str]:
    """Serve `workspace` while the block runs, and give its URL."""
    with socket.create_server((LOOPBACK, port), backlog=_BACKLOG) as listener:
        server = _server(workspace)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            # What hangs on purpose is not waited for.
            server.should_exit = server.force_exit = True
            thread.join(_STOP_TIMEOUT)


def serve(workspace: Workspace, port: int) -> None:
    """Serve `workspace` until a signal ends this process."""
    with socket.create_server((LOOPBACK, port), backlog=_BACKLOG) as listener:
        _server(workspace).run([listener])


def _server(workspace: Workspace) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            workspace.app(),
            # What hangs on purpose is cut off at the end, which uvicorn logs with a traceback.
            log_level="critical",
            access_log=False,
            lifespan="off",
            loop="asyncio",
        )
    )
