"""What a pooler in front of Postgres does to the parameters at the start of a connection."""

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_TLS, _CANCEL = 80877103, 80877102
_REFUSAL = b"SFATAL\0C08P01\0Munsupported startup parameter: lock_timeout\0\0"


@dataclass(frozen=True, slots=True)
class Pooler:
    """Passes on to a server what comes, of the parameters only those in `passes`; None: refuses."""

    port: int
    passes: Sequence[str] | None

    @classmethod
    @contextmanager
    def running(cls, port: int, *, passes: Sequence[str] | None) -> Iterator[int]:
        """Stand before the server at `port` while the block runs; give the pooler's own port."""
        pooler = cls(port, passes)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=pooler._accept, args=(listener,), daemon=True).start()
            yield listener.getsockname()[1]
            listener.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, struct.error):
            number, body = _start(client)
            if number == _TLS:
                client.sendall(b"N")
                number, body = _start(client)
            if self.passes is None:
                client.sendall(b"E" + struct.pack("!i", len(_REFUSAL) + 4) + _REFUSAL)
                return
            # A cancel request has no parameters.
            kept = body if number == _CANCEL else _kept(body, self.passes)
            with socket.create_connection(("127.0.0.1", self.port)) as server:
                server.sendall(struct.pack("!ii", len(kept) + 8, number) + kept)
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join(1)


def _start(client: socket.socket) -> tuple[int, bytes]:
    """Return the number of a message without a type, as the first ones are, and its body."""
    length, number = struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))
    return number, client.recv(length - 8, socket.MSG_WAITALL) if length > 8 else b""


def _kept(body: bytes, passes: Sequence[str]) -> bytes:
    """Return the parameters of a start that are passed on."""
    words = body.rstrip(b"\0").split(b"\0")
    pairs = zip(words[::2], words[1::2], strict=True)
    kept = (name + b"\0" + value + b"\0" for name, value in pairs if name.decode() in passes)
    return b"".join(kept) + b"\0"


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
