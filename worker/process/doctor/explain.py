"""What more can be said of an error than its own cure, by SQLSTATE and by kind.

Postgres translates its messages; its codes, and the names of the functions that raise, stay.
"""

import errno
import socket
import ssl

from worker.database.errors import DatabaseConflict
from worker.process.doctor import errors
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
    return hints or cures(error) or [hint(errors.unforeseen())]


def network_hints(error: Exception, host: str, port: object, variable: str) -> list[Message | str]:
    """Return why a host can't be reached, by what the machine's network said; [] if nothing."""
    for cause in reversed(causes(error)):
        match cause:
            case socket.gaierror() | UnicodeError():
                return [errors.name_unknown(host, variable)]
            case FileNotFoundError() if host.startswith("/"):
                return [errors.no_socket(host)]
            case ConnectionRefusedError():
                return [errors.nothing_listens(host, port)]
            case ConnectionResetError() | BrokenPipeError():
                return [errors.hung_up(host, port)]
            case ssl.SSLError():
                return []
            case TimeoutError():
                return [errors.silent(host, port)]
            case OSError() if cause.errno in _NO_ROUTE:
                return [errors.no_route(host)]
            case OSError() if "Multiple exceptions" in str(cause):
                # asyncio puts the errors of several addresses into one text.
                return [errors.nothing_listens(host, port)]
    return []


def _by_code(error: Exception) -> list[str]:
    if isinstance(error, DatabaseConflict):
        return [errors.in_the_way()]
    for cause in reversed(causes(error)):
        match getattr(cause, "sqlstate", None):
            case None:
                continue
            case "42501":
                return [errors.policy_refuses()]
            case "25006":
                return [errors.read_only("The server")]
            case "P0001" | "P0000":
                return [errors.write_refused()]
            case "53100":
                return [errors.disk_full()]
            case "57014":
                return [errors.too_slow()]
            case "42P01" | "42703" | "42883" | "3F000":
                return [errors.relation_missing()]
            case code if code[:2] in ("23", "22"):
                return [errors.constraint_refuses()]
    if any(isinstance(cause, TimeoutError) for cause in causes(error)):
        return [errors.too_slow()]
    return []
