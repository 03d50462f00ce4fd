"""What more can be said of an error than its own cure, by SQLSTATE and by kind.

Postgres translates its messages; its codes, and the names of the functions that raise, stay.
"""

import errno
import socket
import ssl
from collections.abc import Callable

from worker.database.errors import DatabaseConflict
from worker.doctor.errors import network, statements
from worker.preflight import errors
from worker.telemetry.cures import Message, cures

__all__ = ["causes", "explained", "hint", "network_hints"]

_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH)


def hint(words: str) -> str:
    """Return a message with its cure, as one line."""
    return f"{words}: {words.cure}" if isinstance(words, Message) else words


def causes(error: BaseException | None) -> list[BaseException]:
    """Return an error and what it came from, the cause last."""
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__
    return found


def explained(error: Exception) -> list[str]:
    """Return hints for an error of a step: by what caused it, else its own cure."""
    hints = [hint(one) for one in _by_code(error)]
    # A general cure says less than what is known of the cause.
    return hints or cures(error) or [hint(statements.unforeseen())]


def network_hints(error: Exception, host: str, port: object, variable: str) -> list[Message | str]:
    """Return why a host can't be reached, by what the machine's network said; [] if nothing."""
    for cause in reversed(causes(error)):
        match cause:
            case socket.gaierror() | UnicodeError():
                return [network.name_unknown(host, variable)]
            case FileNotFoundError() if host.startswith("/"):
                return [network.no_socket(host)]
            case ConnectionRefusedError():
                return [network.nothing_listens(host, port)]
            case ConnectionResetError() | BrokenPipeError():
                return [network.hung_up(host, port)]
            case ssl.SSLError():
                return []
            case TimeoutError():
                return [network.silent(host, port)]
            case OSError() if cause.errno in _NO_ROUTE:
                return [network.no_route(host)]
            case OSError() if "Multiple exceptions" in str(cause):
                # asyncio puts the errors of several addresses into one text.
                return [network.nothing_listens(host, port)]
    return []


def _by_code(error: Exception) -> list[str]:
    if isinstance(error, DatabaseConflict):
        return [statements.in_the_way()]
    for cause in reversed(causes(error)):
        code = getattr(cause, "sqlstate", None)
        if isinstance(code, str):
            named = _BY_CODE.get(code) or _BY_CLASS.get(code[:2])
            return [named() if named else statements.unknown_code(code)]
        if type(cause).__name__ == "DataError":
            # The driver's own: it knows a column's type, and no way to write a value as such.
            return [statements.types_differ()]
    if any(isinstance(cause, TimeoutError) for cause in causes(error)):
        return [statements.too_slow()]
    return []


_BY_CODE: dict[str, Callable[[], str]] = {
    "22P02": statements.types_differ,
    "25006": errors.read_only,
    "26000": errors.pooler_refuses,
    "3F000": statements.relation_missing,
    "42501": statements.policy_refuses,
    "42703": statements.relation_missing,
    "42804": statements.types_differ,
    "42883": statements.types_differ,
    "42P01": statements.relation_missing,
    "42P05": errors.pooler_refuses,
    "53100": statements.disk_full,
    "57014": statements.too_slow,
    "P0001": statements.write_refused,
}
"""By SQLSTATE; a class of them is its first two characters."""
_BY_CLASS: dict[str, Callable[[], str]] = {
    "22": statements.constraint_refuses,
    "23": statements.constraint_refuses,
    "P0": statements.write_refused,
}
