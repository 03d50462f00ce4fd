"""How a Lakebase database is named: by an instance, a branch or an endpoint."""

import re
from typing import Annotated

from pydantic import AfterValidator

from worker.credentials import setting_errors as errors

__all__ = ["EndpointName", "LakebaseName", "is_branch", "is_endpoint"]

_BRANCH = re.compile(r"projects/[^/\s]+/branches/[^/\s]+")
_ENDPOINT = re.compile(_BRANCH.pattern + r"/endpoints/[^/\s]+")
_INSTANCE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


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


EndpointName = Annotated[str, AfterValidator(_endpoint)]
LakebaseName = Annotated[str, AfterValidator(_lakebase)]
