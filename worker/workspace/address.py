"""The address of a workspace: what people write for it, and where a login may go unencrypted."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from worker.workspace import errors

__all__ = ["in_the_clear", "is_loopback", "place_of", "workspace_address"]

_HIGHEST_PORT = 65535
_ADDRESS = re.compile(
    r"""
    (?:(?P<scheme>https?)://)?
    (?P<host>\[[0-9a-f:.]+\] | [a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)\.?
    (?::(?P<port>\d{1,5}))?
    (?:[/?\#]\S*)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_AMBIGUOUS = re.compile(r"[\s\\]")
# What is left of `https:/host` and `https//host`.
_NO_HOSTS = ("http", "https")


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine's own, so that no other one sees what goes there."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def in_the_clear(url: str) -> bool:
    """Return whether what is sent to `url` goes unencrypted to another machine, as far as is clear.

    Of a URL with a blank or a backslash, libraries differ over what its host is.
    """
    if _AMBIGUOUS.search(url):
        return True
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return True
    return parts.scheme.lower() != "https" and not is_loopback(host)


def place_of(url: str) -> str:
    """Return the scheme, the host and the port of `url`: the rest may hold a password."""
    scheme, separator, rest = url.partition("://") if "://" in url else ("", "", url)
    return scheme + separator + re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]


def workspace_address(text: str) -> str:
    """Return the scheme, the host and the port of an address that was copied from somewhere.

    A browser adds a path, a query and a fragment; `https://` is what an address without a scheme
    means. Raises `ValueError` with a message.
    """
    match = _ADDRESS.fullmatch(text.strip())
    if not match or match["host"].lower() in _NO_HOSTS:
        raise ValueError(errors.not_an_address())
    scheme, host = (match["scheme"] or "https").lower(), match["host"].lower()
    port = int(match["port"]) if match["port"] else None
    try:
        if port is not None and not 0 < port <= _HIGHEST_PORT:
            raise ValueError
        if host.startswith("["):
            ip_address(host[1:-1])
    except ValueError:
        raise ValueError(errors.not_an_address()) from None
    address = f"{scheme}://{host}" + (f":{port}" if port else "")
    if in_the_clear(address):
        raise ValueError(errors.in_the_clear(address))
    return address
