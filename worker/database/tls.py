"""TLS to Postgres: what a mode means, and which modes a token may travel under."""

import ssl
from ipaddress import ip_address
from pathlib import Path

from worker.database import errors
from worker.database.options import DatabaseOptions, TlsMode

__all__ = ["is_local", "needs_tls", "tls_argument", "unverified", "verification"]

_MAY_BE_CLEAR = ("disable", "allow", "prefer")
_SYSTEM = "system"
_LIBPQS_FILE = Path("~/.postgresql/root.crt")


def is_local(host: str) -> bool:
    """Return whether `host` is a loopback address or a Unix socket: what this machine keeps."""
    if host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def unverified(options: DatabaseOptions, host: str) -> bool:
    """Return whether a token may travel in the clear here: only if asked for, and only locally.

    Raises `DatabaseRefused` if it is asked for and the host is another machine.
    """
    if not options.token or options.ssl not in _MAY_BE_CLEAR:
        return False
    if not is_local(host):
        raise errors.token_in_the_clear(options.ssl, host)
    return True


def needs_tls(options: DatabaseOptions, host: str) -> bool:
    """Return whether a server without TLS is one to leave. Raises `DatabaseRefused`."""
    if options.token:
        return not unverified(options, host)
    return options.ssl not in (None, *_MAY_BE_CLEAR)


def verification(options: DatabaseOptions, host: str) -> ssl.SSLContext | None:
    """Return what verifies a server; None if nothing is verified.

    A password follows libpq's modes. A token is shown to every server that answers, so
    `require` and no mode at all mean `verify-full` there, against PGSSLROOTCERT or else the
    authorities of the system; `verify-ca` ignores the host's name.

    Raises `DatabaseRefused` for a mode that would send a token in the clear to another machine,
    and for authorities that can't be read.
    """
    if not needs_tls(options, host):
        return None
    file = None if options.ca_file == _SYSTEM else options.ca_file
    if not options.token and options.ca_file is None:
        of_libpq = _LIBPQS_FILE.expanduser()
        if not of_libpq.exists():
            if options.ssl == "require":
                return None
            raise errors.no_authorities(str(options.ssl), str(_LIBPQS_FILE))
        file = str(of_libpq)
    try:
        context = ssl.create_default_context(cafile=file)
    except OSError as error:
        raise errors.authorities_unreadable(str(file), error) from error
    by_name = options.ssl != "verify-ca" if options.token else options.ssl == "verify-full"
    context.check_hostname = by_name
    return context


def tls_argument(options: DatabaseOptions, host: str) -> ssl.SSLContext | TlsMode:
    """Return what asyncpg takes as `ssl`. Raises as `verification` does.

    With a password that is the mode, which also has asyncpg present a certificate of the client.
    """
    context = verification(options, host)
    if context is None or not (options.token or options.ca_file == _SYSTEM):
        return options.ssl or "prefer"
    return context
