"""Kinds of values of Spark's settings: a heap, the address of a Spark Connect server."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from worker.options.values import Trimmed
from worker.spark import setting_errors as errors
from worker.workspace.address import is_loopback

__all__ = ["Heap", "Remote"]

_HEAP = re.compile(r"\d{1,6}[mg]")
_REMOTE = re.compile(
    r"sc://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/:@?;\[\]]+)(:\d{1,5})?(/(;[^\s;=/]+=[^\s;]*)*)?"
)
_PARAMETER = re.compile(r";([^;=]+)=([^;]*)")
_OF_A_LOGIN = re.compile(r"auth|token|secret|password|credential|cookie|key$", re.IGNORECASE)


def _heap(value: str) -> str:
    if not _HEAP.fullmatch(value):
        raise ValueError(errors.not_a_heap())
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


Heap = Annotated[str, AfterValidator(_heap)]
Remote = Annotated[SecretStr, Trimmed, AfterValidator(_remote)]
