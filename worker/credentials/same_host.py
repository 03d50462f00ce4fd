"""Whether two names of a host are the same one."""

from ipaddress import ip_address

__all__ = ["same_host"]


def same_host(host: str, other: str) -> bool:
    """Return whether two names are those of one host.

    A name may be in capitals or end with a dot, and an IPv6 address has more than one form.
    """
    return _plain(host) == _plain(other)


def _plain(host: str) -> str:
    name = host.strip().lower().removesuffix(".")
    try:
        return str(ip_address(name))
    except ValueError:
        return name
