"""When two checks are the same check: one canonical form, and the id of a row made of it.

The name, the criticality and the metadata of a check are no part of its identity.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any
from uuid import UUID, uuid5

from worker.checks.case_twins import NO_TWINS, Twins
from worker.checks.catalogue import function_of
from worker.checks.catalogue.arguments import LISTS
from worker.checks.column_names import segments
from worker.checks.zoneless_moments import zoneless_moment
from worker.counting.check import COLUMN_ARGUMENTS, Check

__all__ = ["canonical", "subject", "suggestion_id"]

_NAMESPACE = UUID("8d7b8f5e-3b7c-5f43-9a53-6a1f3c0e2d11")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(BD)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:.*")
_QUOTED_OR_SPACE = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`)|\s+""")
# Wide enough for any number of Spark's; the default context rounds at 28 digits.
_EXACT = Context(prec=400)


def canonical(check: Check, twins: Twins = NO_TWINS) -> str:
    """Return the form in which equal checks are equal text; `twins` are those of their table."""
    default = function_of(check.function).default
    arguments = {
        _renamed(name): _value(name, value, twins)
        for name, value in check.arguments.items()
        if value is not None and value != default(name)
    }
    return json.dumps(
        {
            "function": check.function,
            "arguments": arguments,
            "filter": _collapsed(check.filter) if check.filter else None,
        },
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )


def subject(check: Check, twins: Twins = NO_TWINS) -> str:
    """Return what a check is about: its function, its columns and its filter.

    Checks of one subject that are not the same differ in their values.
    """
    columns = [
        _value(name, value, twins)
        for name, value in check.arguments.items()
        if name in COLUMN_ARGUMENTS
    ]
    filter_ = _collapsed(check.filter) if check.filter else None
    # What texts have to match, and what they must avoid, are two things.
    negated = ["negate"] if check.arguments.get("negate") else []
    return json.dumps([check.function, columns, filter_, *negated], ensure_ascii=False)


def suggestion_id(run_id: str, schema_name: str, check: Check, twins: Twins = NO_TWINS) -> str:
    """Return the id of a suggestion: the same whenever the run finds the same check again."""
    return str(uuid5(_NAMESPACE, json.dumps([run_id, schema_name, canonical(check, twins)])))


def _renamed(name: str) -> str:
    return "columns" if name in COLUMN_ARGUMENTS else name


def _value(name: str, value: Any, twins: Twins) -> Any:
    if name in COLUMN_ARGUMENTS:
        columns = [value] if isinstance(value, str) else value
        return sorted(twins.compared(segments(column)) for column in columns)
    if name in LISTS and isinstance(value, list | tuple):
        return sorted({json.dumps(_normal(entry), sort_keys=True) for entry in value})
    return _normal(value)


def _normal(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() | float() | Decimal():
            return {"number": _number(str(value))}
        case {"__decimal__": text}:
            return {"number": _number(str(text))}
        case str() if _NUMBER.fullmatch(value):
            return {"number": _number(value.removesuffix("BD"))}
        case str() if _TIME.fullmatch(moment := zoneless_moment(value) or ""):
            # Earlier versions wrote the bounds of such columns as moments in UTC.
            return _instant(f"{moment}+00:00")
        case str() if _TIME.fullmatch(value):
            return _instant(value)
        case list() | tuple():
            return [_normal(entry) for entry in value]
        case Mapping():
            return {str(key): _normal(entry) for key, entry in value.items()}
        case _:
            return value


def _number(text: str) -> str:
    number = Decimal(text)
    if not number.is_finite():
        return str(number)
    return f"{number.normalize(_EXACT):f}" if number else "0"


def _instant(text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
        return (instant.astimezone(UTC) if instant.tzinfo else instant).isoformat()
    # Not an instant after all, or one outside the calendar once it is in UTC.
    except (ValueError, OverflowError):
        return text


def _collapsed(expression: str) -> str:
    """Collapse white space outside quotes."""
    return _QUOTED_OR_SPACE.sub(lambda match: match[1] or " ", expression).strip()
