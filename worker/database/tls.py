"""TLS to Postgres: what a mode means, and which modes a token may travel under."""

import ssl
from ipaddress import ip_address

from worker.database import errors
from worker.database.options import DatabaseOptions, TlsMode

__all__ = ["is_local", "tls_argument", "unverified"]

_MAY_BE_CLEAR = ("disable", "allow", "prefer")
_SYSTEM = "system"


def is_local(host: str) -> bool:
    """Tell whether `host` is a loopback address or a Unix socket: what this machine keeps."""
    if host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def unverified(options: DatabaseOptions, host: str) -> bool:
    """Tell whether a token may travel in the clear here: only if asked for, and only locally.

    Raises `DatabaseRefused` where it is asked for and the host is another machine.
    """
    if not options.token or options.ssl not in _MAY_BE_CLEAR:
        return False
    if not is_local(host):
        raise errors.token_in_the_clear(options.ssl, host)
    return True


def tls_argument(options: DatabaseOptions, host: str) -> ssl.SSLContext | TlsMode:
    """Return what asyncpg takes as `ssl`.

    A password follows libpq's modes as asyncpg has them. A token is shown to whoever answers, so
    the server has to prove itself first: `require` and no mode at all mean `verify-full`, which
    they do not for asyncpg, against PGSSLROOTCERT or else the authorities of the system.
    `verify-ca` leaves the host's name aside.

    Raises `DatabaseRefused` for a mode that would send a token in the clear to another machine,
    and for authorities that can't be read.
    """
    if not options.token:
        return options.ssl or "prefer"
    if unverified(options, host):
        return options.ssl or "prefer"
    authorities = None if options.ca_file in (None, _SYSTEM) else options.ca_file
    try:
        context = ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise errors.authorities_unreadable(str(authorities), error) from error
    context.check_hostname = options.ssl != "verify-ca"
    return context
