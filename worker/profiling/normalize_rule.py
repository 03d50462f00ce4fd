"""One shape for a check, out of the three in which DQX's versions give it."""

from collections.abc import Mapping
from typing import Any

from worker.counting.check import Check

__all__ = ["UnknownShape", "normalize_rule"]

_FIELDS = ("check", "function", "arguments", "name", "criticality", "filter", "user_metadata")


class UnknownShape(Exception):
    """DQX gave something that holds no check function."""


def normalize_rule(raw: Any) -> Check:
    """Return the check in `raw`.

    Knows a mapping with `function` and `arguments`, one that nests the two under `check`, and
    objects: DQX's rules (`to_dict`) or any with these attributes. Raises `UnknownShape`.
    """
    fields = _fields(raw)
    inner = _fields(fields["check"]) if fields.get("check") is not None else fields
    function = inner.get("function")
    if not isinstance(function, str):
        raise UnknownShape(f"a {type(raw).__name__} without a check function")
    return Check(
        function=function,
        arguments=dict(inner.get("arguments") or {}),
        name=str(fields.get("name") or function),
        criticality=str(fields.get("criticality") or "error"),
        filter=fields.get("filter") or None,
        user_metadata=dict(fields.get("user_metadata") or {}),
    )


def _fields(raw: Any) -> Mapping[str, Any]:
    if isinstance(raw, Mapping):
        return raw
    if callable(to_dict := getattr(raw, "to_dict", None)):
        converted = to_dict()
        if isinstance(converted, Mapping):
            return converted
    return {name: getattr(raw, name) for name in _FIELDS if hasattr(raw, name)}
