"""Checks in ODCS's own words: the metrics of its library, and what a property demands.

Each is the check that DQX's reader of contracts makes of it (0.17, library_metrics.py). That reader
skips `enum`, which is the list of `validValues` in the form of ODCS 3.2.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.checks.catalogue import CATALOGUE
from worker.checks.column_names import as_argument
from worker.counting.check import Check

__all__ = ["LIBRARY_ARGUMENTS", "KnownProperty", "demanded", "of_metric"]

LIBRARY_ARGUMENTS = frozenset({"validValues", "pattern", "missingValues"})
"""The arguments of metrics that say which values are meant."""
_ESCAPED = re.compile(r"(['\\])")
_ZERO = re.compile(r"\s*[+-]?0+(\.0*)?\s*")


@dataclass(frozen=True, slots=True)
class KnownProperty:
    """A property by its path, with what a contract demands of it."""

    path: str
    required: bool
    unique: bool
    options: str | None = None
    """The options of its logical type, as JSON."""


def of_metric(
    names: Sequence[str | None], must_be: str | None, path: str, arguments: Mapping[str, Any]
) -> list[Check]:
    """Return the checks that a metric of a column stands for if no row may count in it."""
    if must_be is None or not _ZERO.fullmatch(must_be):
        return []
    column = as_argument(path)
    for name in names:
        match (name or "").casefold():
            case "nullvalues":
                return [_check("is_not_null", column)]
            case "missingvalues":
                return _not_missing(column, arguments.get("missingValues"))
            case "invalidvalues":
                return _valid(column, arguments)
            case "duplicatevalues":
                return [_check("is_unique", column)]
    return []


def demanded(one: KnownProperty) -> list[Check]:
    """Return the checks that a property's fields and the options of its type stand for."""
    column, options = as_argument(one.path), _options(one.options)
    found = []
    if one.required:
        found.append(_check("is_not_null", column))
    if one.unique:
        found.append(_check("is_unique", column))
    if one.required and one.unique:
        # Without nulls it is the same how they compare.
        found.append(_check("is_unique", column, nulls_distinct=False))
    length: Any = options.get("minLength")
    if _is_number(length) and length > 0:
        found.append(_check("is_not_empty", column))
        if one.required:
            found.append(_check("is_not_null_and_not_empty", column))
    if pattern := options.get("pattern"):
        found += _valid(column, {"pattern": pattern})
    found += _valid(column, {"validValues": _enumerated(options.get("enum"))})
    return [*found, *_within(column, options.get("minimum"), options.get("maximum"))]


def _options(text: str | None) -> Mapping[str, Any]:
    try:
        options = json.loads(text or "null")
    # Any program may have written it, and a long one was cut.
    except (ValueError, RecursionError):
        return {}
    return options if isinstance(options, Mapping) else {}


def _enumerated(entries: Any) -> list[Any] | None:
    """Return the values of an enum: mappings with a `value` in ODCS 3.2, plain values before it.

    Null is left out: `required` decides whether it is allowed.
    """
    if not isinstance(entries, list):
        return None
    values = [one.get("value", one) if isinstance(one, Mapping) else one for one in entries]
    return [one for one in values if one is not None]


def _not_missing(column: str, values: Any) -> list[Check]:
    texts = [one for one in values if one is not None] if isinstance(values, list) else []
    found = [_check("is_not_null", column)]
    if "" in texts:
        found += [_check("is_not_empty", column), _check("is_not_null_and_not_empty", column)]
    if literals := _literals(texts):
        found.append(_check("is_not_in_list", column, forbidden=literals))
    return found


def _valid(column: str, arguments: Mapping[str, Any]) -> list[Check]:
    found = []
    if literals := _literals(arguments.get("validValues")):
        found.append(_check("is_in_list", column, allowed=literals))
    if isinstance(pattern := arguments.get("pattern"), str):
        found.append(_check("regex_match", column, regex=pattern))
    return found


def _within(column: str, low: Any, high: Any) -> list[Check]:
    low, high = (one if _is_number(one) or isinstance(one, str) else None for one in (low, high))
    if low is not None and high is not None:
        return [_check("is_in_range", column, min_limit=low, max_limit=high)]
    if low is not None:
        return [_check("is_not_less_than", column, limit=low)]
    return [] if high is None else [_check("is_not_greater_than", column, limit=high)]


def _literals(values: Any) -> list[Any] | None:
    """Return values as DQX takes them in a list: a text in quotes, or it would be SQL."""
    if not isinstance(values, list) or not all(_is_scalar(one) for one in values):
        return None
    return [
        "'" + _ESCAPED.sub(r"\\\1", one) + "'" if isinstance(one, str) else one for one in values
    ]


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check(function: str, column: str, **arguments: Any) -> Check:
    return CATALOGUE[function].check(column, **arguments)
