"""A check in words: the rule, its dimension and a description without values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from worker.checks.columns import columns_of, segments
from worker.checks.literals import COLUMN_ARGUMENTS
from worker.profiling.check import Check

__all__ = ["FUNCTIONS", "describe", "dimension", "plain", "rule_text"]

_MAX_RULE = 200
_MAX_VALUES = 10
_MAX_NAME = 80

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Words:
    dimension: str
    """One of the seven of ODCS."""
    description: str
    rule: Callable[[str, Arguments], str]


def rule_text(check: Check) -> str:
    """Return the rule in one line of at most 200 characters, the essentials first."""
    words = _FUNCTIONS.get(check.function)
    text = (
        words.rule(_columns(check), check.arguments)
        if words
        else f"{check.function}({_listed(check.arguments)})"
    )
    if check.filter:
        text = f"{text} where {check.filter}"
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _MAX_RULE else text[: _MAX_RULE - 1] + "…"


def dimension(function: str) -> str:
    """Return the ODCS dimension that a check function belongs to."""
    words = _FUNCTIONS.get(function)
    if words:
        return words.dimension
    for found, parts in _DIMENSIONS_BY_NAME.items():
        if any(f"_{part}_" in f"_{function}_" for part in parts):
            return found
    return "accuracy"


def describe(function: str) -> str:
    """Return one fixed sentence for a check function; it never holds a value of a cell."""
    words = _FUNCTIONS.get(function)
    return words.description if words else f"The DQX check {function} must hold."


def plain(value: Any) -> str:
    """Return a value without the quoting of SQL literals: 'EU' is EU, 0.37BD is 0.37."""
    text = str(value)
    if isinstance(value, str):
        if len(text) > 1 and text[0] == text[-1] == "'":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if re.fullmatch(r"[+-]?\d+(\.\d+)?BD", text):
            return text.removesuffix("BD")
    return text


def _columns(check: Check) -> str:
    shown = [_shown(column) for column in columns_of(check.arguments)]
    if len(shown) == 1 and ("column" in check.arguments or "col_name" in check.arguments):
        return shown[0]
    return "(" + ", ".join(shown) + ")" if shown else "row"


def _shown(argument: str) -> str:
    name = ".".join(segments(argument))
    return name if len(name) <= _MAX_NAME else name[: _MAX_NAME - 1] + "…"


def _listed(arguments: Arguments) -> str:
    return ", ".join(
        f"{name}={_shown(value) if name in COLUMN_ARGUMENTS and isinstance(value, str) else value}"
        for name, value in arguments.items()
    )


def _values(values: Any) -> str:
    shown = ", ".join(plain(value) for value in values[:_MAX_VALUES])
    more = len(values) - _MAX_VALUES
    return f"{shown}, ... +{more}" if more > 0 else shown


def _geometry(noun: str) -> _Words:
    return _Words(
        "conformity",
        f"Every geometry must be a {noun}.",
        lambda column, _: f"{column} is a {noun}",
    )


def _coordinate(axis: str) -> _Words:
    return _Words(
        "conformity",
        f"Every {axis} coordinate must lie between two bounds.",
        lambda column, a: (
            f"{plain(a.get('min_value'))} <= {axis}({column}) <= {plain(a.get('max_value'))}"
        ),
    )


def _measure(measure: str, sign: str, word: str) -> _Words:
    return _Words(
        "conformity",
        f"The {measure.replace('_', ' ')} of every geometry must not be {word} than a bound.",
        lambda column, a: f"{measure}({column}) {sign} {plain(a.get('value'))}",
    )


_FUNCTIONS: Mapping[str, _Words] = {
    "is_not_null": _Words(
        "completeness",
        "Every row must have a value.",
        lambda column, _: f"{column} must not be null",
    ),
    "is_not_null_and_not_empty": _Words(
        "completeness",
        "Every row must have a value, and no text may be empty.",
        lambda column, _: f"{column} must not be null or empty",
    ),
    "is_not_empty": _Words(
        "completeness",
        "No text may be empty; a missing value is allowed.",
        lambda column, _: f"{column} must not be empty, null allowed",
    ),
    "is_in_list": _Words(
        "conformity",
        "Every value must be one of a fixed list.",
        lambda column, a: f"{column} in ({_values(a.get('allowed') or [])})",
    ),
    "is_in_range": _Words(
        "conformity",
        "Every value must lie between two bounds.",
        lambda column, a: f"{plain(a.get('min_limit'))} <= {column} <= {plain(a.get('max_limit'))}",
    ),
    "is_not_greater_than": _Words(
        "conformity",
        "No value may be greater than a bound.",
        lambda column, a: f"{column} <= {plain(a.get('limit'))}",
    ),
    "is_not_less_than": _Words(
        "conformity",
        "No value may be less than a bound.",
        lambda column, a: f"{column} >= {plain(a.get('limit'))}",
    ),
    "is_unique": _Words(
        "uniqueness",
        "No two rows may have the same key.",
        lambda column, a: (
            f"{column} unique, nulls " + ("distinct" if a.get("nulls_distinct", True) else "equal")
        ),
    ),
    "has_no_outliers": _Words(
        "accuracy",
        "No value may lie far from the median.",
        lambda column, _: f"{column} within median +/- 3.5 MAD",
    ),
    "is_point": _geometry("point"),
    "is_linestring": _geometry("linestring"),
    "is_polygon": _geometry("polygon"),
    "is_multipoint": _geometry("multipoint"),
    "is_multilinestring": _geometry("multilinestring"),
    "is_multipolygon": _geometry("multipolygon"),
    "is_geometrycollection": _geometry("geometrycollection"),
    "has_x_coordinate_between": _coordinate("x"),
    "has_y_coordinate_between": _coordinate("y"),
    "is_area_not_less_than": _measure("area", ">=", "less"),
    "is_area_not_greater_than": _measure("area", "<=", "greater"),
    "is_num_points_not_less_than": _measure("num_points", ">=", "less"),
    "is_num_points_not_greater_than": _measure("num_points", "<=", "greater"),
    "is_non_empty_geometry": _Words(
        "completeness", "No geometry may be empty.", lambda column, _: f"{column} not empty"
    ),
    "is_ogc_valid": _Words(
        "conformity",
        "Every geometry must be valid by OGC's rules.",
        lambda column, _: f"{column} is OGC valid",
    ),
    "is_not_null_island": _Words(
        "accuracy",
        "No geometry may lie at the origin of coordinates.",
        lambda column, _: f"{column} is not POINT(0 0)",
    ),
}

_DIMENSIONS_BY_NAME: Mapping[str, tuple[str, ...]] = {
    "timeliness": ("fresh", "future", "older", "time_window"),
    "consistency": ("foreign_key", "compare", "aggr_matches"),
    "completeness": ("null", "empty", "count"),
    "uniqueness": ("unique", "disjoint"),
    "conformity": ("valid", "regex", "list", "range", "schema", "json"),
}

FUNCTIONS = frozenset(_FUNCTIONS)
"""The check functions that DQX's generator can emit (0.17, profiler/generator.py)."""
