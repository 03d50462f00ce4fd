"""A machine that is not this one, as far as trust goes: an address that is not loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

__all__ = ["Elsewhere", "elsewhere"]


@dataclass
class Elsewhere:
    """An address of this machine that is not loopback, and what arrives there."""

    url: str
    arrived: list[bytes] = field(default_factory=list)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0


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
