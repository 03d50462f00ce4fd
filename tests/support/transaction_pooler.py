"""A pooler that lends server processes for single transactions, as PgBouncer's `transaction` does.

Each client logs in to a process of its own, so all have the parameters that were asked for. From
then on a transaction gets the process that was last given back.
"""

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["transaction_pooler"]

_TLS = 80877103
_TO_BE_ANSWERED = (3, 5, 10, 11)
"""Kinds of requests of a login."""
_ENDS_A_BATCH = (b"Q", b"S")
_OWN_KEY = b"K" + struct.pack("!iii", 12, 1_000_000, 0)
"""The number of a process and the key to cancel, as the pooler gives them."""


@contextmanager
def transaction_pooler(port: int) -> Iterator[int]:
    """Stand before the server at `port` while the block runs; give the pooler's own port."""
    idle: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, port, idle), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for server in idle:
                server.close()


def _accept(listener: socket.socket, port: int, idle: list[socket.socket]) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, port, idle), daemon=True).start()


def _serve(client: socket.socket, port: int, idle: list[socket.socket]) -> None:
    with client, suppress(OSError, struct.error):
        start = _start(client)
        if start[4:8] == struct.pack("!i", _TLS):
            client.sendall(b"N")
            start = _start(client)
        server = socket.create_connection(("127.0.0.1", port))
        server.sendall(start)
        _log_in(client, server)
        while True:
            idle.append(server)
            message = _message(client)
            if message[:1] == b"X":
                return
            # There are as many as clients: one is always left.
            server = idle.pop()
            _transact(client, server, message)


def _transact(client: socket.socket, server: socket.socket, message: bytes) -> None:
    """Pass on what both say, `message` first, until the server is outside a transaction."""
    asked = 0
    while True:
        if message:
            server.sendall(message)
            asked += message[:1] in _ENDS_A_BATCH
            message = b""
        readable, _, _ = select.select([client, server], [], [])
        if client in readable:
            message = _message(client)
        if server in readable:
            answer = _message(server)
            client.sendall(answer)
            asked -= answer[:1] == b"Z"
            if answer[:1] == b"Z" and answer[5:6] == b"I" and not asked and not message:
                return


def _log_in(client: socket.socket, server: socket.socket) -> None:
    while True:
        message = _message(server)
        client.sendall(_OWN_KEY if message[:1] == b"K" else message)
        if message[:1] == b"Z":
            return
        if message[:1] == b"R" and struct.unpack("!i", message[5:9])[0] in _TO_BE_ANSWERED:
            server.sendall(_message(client))


def _start(client: socket.socket) -> bytes:
    """Return a message without a kind, as the first ones are."""
    length = client.recv(4, socket.MSG_WAITALL)
    return length + client.recv(struct.unpack("!i", length)[0] - 4, socket.MSG_WAITALL)


def _message(source: socket.socket) -> bytes:
    head = source.recv(5, socket.MSG_WAITALL)
    length = struct.unpack("!i", head[1:])[0] - 4
    return head + (source.recv(length, socket.MSG_WAITALL) if length else b"")
