"""Kinds of values that a variable may hold, beyond those that pydantic knows."""

import os
import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ByteSize, SecretStr
from pydantic_settings import NoDecode

from worker.settings import errors
from worker.workspace.address import is_loopback, workspace_address

__all__ = [
    "Address",
    "Duration",
    "EndpointName",
    "Heap",
    "Host",
    "LakebaseName",
    "Name",
    "Names",
    "Paths",
    "Remote",
    "Secret",
    "WorkspaceAddress",
    "duration_text",
    "host_and_port",
    "is_branch",
    "is_endpoint",
    "shown",
]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_BRANCH = re.compile(r"projects/[^/\s]+/branches/[^/\s]+")
_ENDPOINT = re.compile(_BRANCH.pattern + r"/endpoints/[^/\s]+")
_INSTANCE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEAP = re.compile(r"\d{1,6}[mg]")
_ADDRESS = re.compile(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s/:@?\[\]]+)):(?P<port>\d{1,5})"
)
_REMOTE = re.compile(
    r"sc://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/:@?;\[\]]+)(:\d{1,5})?(/(;[^\s;=/]+=[^\s;]*)*)?"
)
_PARAMETER = re.compile(r";([^;=]+)=([^;]*)")
_OF_A_LOGIN = re.compile(r"auth|token|secret|password|credential|cookie|key$", re.IGNORECASE)
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


def _heap(value: str) -> str:
    if not _HEAP.fullmatch(value):
        raise ValueError(errors.not_a_heap())
    return value


def _address(value: str) -> str:
    if value != "off":
        host_and_port(value)
    return value


def host_and_port(address: str) -> tuple[str, int]:
    """Return the parts of an address. Raises `ValueError` where it is none."""
    match = _ADDRESS.fullmatch(address)
    if not match or int(match["port"]) > _HIGHEST_PORT:
        raise ValueError(errors.not_an_address())
    return match["ipv6"] or match["host"], int(match["port"])


def is_branch(name: str) -> bool:
    """Return whether a Lakebase database is named by a branch of a project."""
    return bool(_BRANCH.fullmatch(name))


def is_endpoint(name: str) -> bool:
    """Return whether a Lakebase database is named by an endpoint of a branch."""
    return bool(_ENDPOINT.fullmatch(name))


def _endpoint(value: str) -> str:
    if not is_endpoint(value):
        raise ValueError(errors.not_an_endpoint())
    return value


def _lakebase(value: str) -> str:
    if is_branch(value) or is_endpoint(value):
        return value
    if "/" in value:
        raise ValueError(errors.not_a_branch())
    if _UUID.search(value) or not _INSTANCE.fullmatch(value):
        raise ValueError(errors.not_an_instance_name())
    return value


def _host(value: str) -> str:
    if value.startswith("/"):
        return value
    try:
        ip_address(value)
    except ValueError:
        if _NOT_IN_HOSTS.search(value):
            raise ValueError(errors.not_a_host()) from None
    return value


def _remote(value: SecretStr) -> SecretStr:
    match = _REMOTE.fullmatch(value.get_secret_value())
    if not match:
        raise ValueError(errors.not_a_remote())
    parameters = dict(_PARAMETER.findall(value.get_secret_value()))
    # pyspark sends `token` under TLS alone, and any other parameter as a header.
    encrypted = parameters.pop("token", None) or parameters.get("use_ssl", "").lower() == "true"
    loopback = is_loopback(match["host"].strip("[]").lower())
    if not (encrypted or loopback) and any(_OF_A_LOGIN.search(name) for name in parameters):
        raise ValueError(errors.remote_in_the_clear())
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
EndpointName = Annotated[str, AfterValidator(_endpoint)]
LakebaseName = Annotated[str, AfterValidator(_lakebase)]
Host = Annotated[str, AfterValidator(_host)]
Address = Annotated[str, AfterValidator(_address)]
WorkspaceAddress = Annotated[str, AfterValidator(workspace_address)]
Name = Annotated[str, Trimmed]
Secret = Annotated[SecretStr, Trimmed]
Remote = Annotated[SecretStr, Trimmed, AfterValidator(_remote)]
Heap = Annotated[str, AfterValidator(_heap)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split_paths)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]


def duration_text(duration: timedelta) -> str:
    """Return a duration in the form in which a variable holds it: 500ms, 15s, 24h."""
    seconds = duration.total_seconds()
    for unit in ("h", "m", "s"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{int(seconds / _UNITS[unit])}{unit}"
    return f"{seconds * 1000:g}ms" if seconds else "0s"


def shown(value: Any) -> str:
    """Return a setting's value in the form in which a variable holds it, a secret hidden."""
    match value:
        case None:
            return ""
        case SecretStr():
            return str(value)
        case bool():
            return str(value).lower()
        case timedelta():
            return duration_text(value)
        case ByteSize():
            return value.human_readable(decimal=True).replace(".0", "")
        case BaseModel():
            return value.model_dump_json(exclude_none=True)
        case tuple() if any(isinstance(one, Path) for one in value):
            return os.pathsep.join(map(str, value))
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)
