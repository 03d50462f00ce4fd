"""Kinds of values that a variable may hold, beyond those that pydantic knows."""

import os
import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field, SecretStr

from worker.options import errors

__all__ = [
    "Address",
    "Bytes",
    "Duration",
    "FromText",
    "Host",
    "Name",
    "Names",
    "Paths",
    "Port",
    "PositiveDuration",
    "Secret",
    "Trimmed",
    "duration_text",
    "host_and_port",
]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_ADDRESS = re.compile(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s/:@?\[\]]+)):(?P<port>\d{1,5})"
)
_HIGHEST_PORT = 65535
_NOT_IN_HOSTS = re.compile(r"[/:@?\s]")
_LONGEST = 365 * 86400.0


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if not match:
        raise ValueError(errors.not_a_duration())
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds > _LONGEST:
        raise ValueError(errors.too_long_a_duration())
    return timedelta(seconds=seconds)


def duration_text(duration: timedelta) -> str:
    """Return a duration in the form in which a variable holds it: 500ms, 15s, 24h."""
    seconds = duration.total_seconds()
    for unit in ("h", "m", "s"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{int(seconds / _UNITS[unit])}{unit}"
    return f"{seconds * 1000:g}ms" if seconds else "0s"


def _address(value: str) -> str:
    if value != "off":
        host_and_port(value)
    return value


def host_and_port(address: str) -> tuple[str, int]:
    """Return the parts of an address. Raises `ValueError` if it is none."""
    match = _ADDRESS.fullmatch(address)
    if not match or int(match["port"]) > _HIGHEST_PORT:
        raise ValueError(errors.not_an_address())
    return match["ipv6"] or match["host"], int(match["port"])


def _host(value: str) -> str:
    if value.startswith("/"):
        return value
    try:
        ip_address(value)
    except ValueError:
        if _NOT_IN_HOSTS.search(value):
            raise ValueError(errors.not_a_host()) from None
    return value


def _split_paths(value: Any) -> Any:
    return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value


def _split_commas(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


Trimmed = BeforeValidator(_trimmed)
"""Of a secret, and of the name beside it: a value that is pasted may end with a line break."""
Address = Annotated[str, AfterValidator(_address)]
Host = Annotated[str, AfterValidator(_host)]
if TYPE_CHECKING:
    Bytes = int
else:
    Bytes = ByteSize
"""A size, such as 100MB. To the code it is an int, which `ByteSize` says to be another type."""
Name = Annotated[str, Trimmed]
Secret = Annotated[SecretStr, Trimmed]
FromText = BeforeValidator(_duration)
"""Reads a duration. It comes after bounds, or pydantic writes these as Python objects."""
Duration = Annotated[timedelta, FromText]
"""Never negative: no text of a duration is."""
PositiveDuration = Annotated[timedelta, Field(gt=timedelta(0)), FromText]
Port = Annotated[int, Field(gt=0, le=65535)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_split_paths)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split_commas)]
