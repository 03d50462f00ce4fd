"""A check as DQX's metadata, and as one line of JSON."""

import json
from typing import Any

from worker.counting.check import Check

__all__ = ["MAX_IMPLEMENTATION", "as_metadata", "implementation"]

_NEXT_LINE = "\x85"
MAX_IMPLEMENTATION = 20_000
"""Characters. A rule with values of a megabyte is none that people could judge."""


def as_metadata(check: Check) -> dict[str, Any]:
    """Return the check in the form that DQX reads."""
    fields: dict[str, Any] = {
        "check": {"function": check.function, "arguments": dict(check.arguments)},
        "name": check.name,
        "criticality": check.criticality,
    }
    if check.filter:
        fields["filter"] = check.filter
    if check.user_metadata:
        fields["user_metadata"] = dict(check.user_metadata)
    return fields


def implementation(check: Check) -> str:
    """Return the check as one line of JSON."""
    text = json.dumps(
        as_metadata(check), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    # An exporter writes the text as YAML, where this one character would be read as a space.
    return text.replace(_NEXT_LINE, r"\u0085")
