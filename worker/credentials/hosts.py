"""Whether two names of a host are the same one."""

from collections.abc import Iterable
from ipaddress import ip_address

__all__ = ["named"]


def named(host: str, hosts: Iterable[str]) -> bool:
    """Tell whether `host` is among `hosts`.

    A name may be in capitals or end with a dot, and an IPv6 address has more than one form.
    """
    return _plain(host) in map(_plain, hosts)


def _plain(host: str) -> str:
    name = host.strip().lower().removesuffix(".")
    try:
        return str(ip_address(name))
    except ValueError:
        return name
