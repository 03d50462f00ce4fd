"""The stand-in workspace of `make sandbox`: a process that outlives the command."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from deploy.sandbox.postgres import Postgres
from deploy.sandbox.workspace.beside_postgres import server_workspace
from deploy.sandbox.workspace.endpoints import Workspace
from deploy.sandbox.workspace.server import LOOPBACK

__all__ = ["lasting_workspace", "start_workspace", "stop_workspace"]

TOKEN_LIFE = timedelta(minutes=1)
_START_TIMEOUT = 20.0


def lasting_workspace(server: Postgres, home: Path) -> Workspace:
    """Return the workspace whose process `start_workspace` starts; its secret stays the same."""
    workspace = server_workspace(server, TOKEN_LIFE)
    file = home / "client-secret"
    if not file.exists():
        _file(home, file.name, workspace.client_secret)
    workspace.client_secret = file.read_text()
    return workspace


def start_workspace(server: Postgres, home: Path) -> str:
    """Start the workspace after the last one's end, and return its URL."""
    stop_workspace(home)
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    with (home / "workspace.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.sandbox.workspace"],
            cwd=Path(__file__).parents[2],
            env={
                **os.environ,
                "PGHOST": LOOPBACK,
                "PGPORT": str(server.port),
                "SANDBOX_POSTGRES_PASSWORD_FILE": str(_file(home, "password", server.password)),
                "SANDBOX_CLIENT_SECRET_FILE": str(home / "client-secret"),
                "SANDBOX_PORT": str(port),
                "SANDBOX_TOKEN_LIFE": str(TOKEN_LIFE.total_seconds()),
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (home / "workspace.pid").write_text(str(process.pid))
    _wait_until_it_listens(process, port)
    return f"http://{LOOPBACK}:{port}"


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.05)
    sys.exit("The stand-in workspace did not start: see workspace.log in the sandbox's folder")


def stop_workspace(home: Path) -> None:
    """Stop it, if it runs."""
    file = home / "workspace.pid"
    if file.exists():
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGTERM)
        file.unlink()


def _file(home: Path, name: str, secret: str) -> Path:
    path = home / name
    path.touch(mode=0o600)
    path.write_text(secret)
    return path
