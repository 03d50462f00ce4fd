"""Blots out what has the form of a secret: the second line, behind not saying one at all."""

import re
from typing import Any

__all__ = ["redacted", "redacted_event"]

_BLOT = "****"
_SECRETS = (
    # A JWT, of which a database token is one.
    (re.compile(r"\beyJ[\w-]{5,}(\.[\w-]*)*"), _BLOT),
    # A personal access token of Databricks.
    (re.compile(r"\bdapi[0-9a-f]{16,}(-\d+)?"), _BLOT),
    # Words that follow in a sentence have neither digits nor capitals.
    (
        re.compile(r"\b((?i:bearer|basic))\s+(?=[\w.~+/=-]*[A-Z\d])[\w.~+/=-]{8,}"),
        rf"\1 {_BLOT}",
    ),
    # The password in a URL.
    (re.compile(r"(\w://[^\s:/@]*):[^\s@/]+@"), rf"\1:{_BLOT}@"),
)


def redacted(text: str) -> str:
    """Return `text` with what looks like a secret blotted out."""
    for pattern, blot in _SECRETS:
        text = pattern.sub(blot, text)
    return text


def redacted_event(_logger: object, _method: str, event: Any) -> Any:
    """Blot out the secrets of a log line: a processor of structlog."""
    return {name: _redacted(value) for name, value in event.items()}


def _redacted(value: Any) -> Any:
    match value:
        case str():
            return redacted(value)
        case dict():
            return {name: _redacted(one) for name, one in value.items()}
        case list() | tuple():
            return [_redacted(one) for one in value]
        case _:
            return value
