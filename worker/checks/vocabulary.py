"""The check functions of DQX's generator in words, and what it takes to name any other one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from worker.checks.column_names import columns_of, segments
from worker.checks.readable_values import shown
from worker.checks.sentence import Sentence, about, at_least, at_most, between, one_of, together
from worker.checks.shorten import one_line

__all__ = ["GENERATED", "NEGATED", "OTHERS", "Words", "path"]

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one check function."""

    dimension: str
    """One of the seven of ODCS."""
    description: str
    name: str
    """What follows the column in a suggestion's name."""
    rule: Callable[[str, Arguments], Sentence]
    of: str = ""
    """What comes before the column in a suggestion's name."""


def path(argument: str) -> str:
    """Return a column argument as people read it."""
    return one_line(".".join(segments(argument)))


def _and_filled(arguments: Arguments) -> str:
    return " and filled" if arguments.get("allow_nulls") is False else ""


def _range(column: str, arguments: Arguments, low: str, high: str, of: str = "") -> Sentence:
    also = _and_filled(arguments)
    return between(column, shown(arguments.get(low)), shown(arguments.get(high)), of=of, also=also)


def _text(column: str, arguments: Arguments, words: str) -> Sentence:
    return about(column, words, "" if arguments.get("trim_strings") else " (spaces count)")


def _list(column: str, arguments: Arguments) -> Sentence:
    also = ", in any case" if arguments.get("case_sensitive") is False else ""
    return one_of(column, [shown(value) for value in arguments.get("allowed") or []], also=also)


def _key(column: str, arguments: Arguments) -> Sentence:
    distinct = arguments.get("nulls_distinct", True)
    nulls = " (nulls may repeat)" if distinct else " (null counts as a value)"
    columns = [path(one) for one in columns_of(arguments)]
    if len(columns) > 1:
        return together(columns, "unique together:", nulls)
    return about(column, "is unique", nulls)


def _plain(dimension: str, description: str, name: str, rule: str, more: str = "") -> Words:
    return Words(dimension, description, name, lambda column, _: about(column, rule, more))


def _geometry(noun: str, words: str = "") -> Words:
    words = f"is a {words or noun}"
    return _plain("conformity", f"Every geometry must be a {noun}.", words, words)


def _coordinate(axis: str) -> Words:
    return Words(
        "conformity",
        f"Every {axis} coordinate must lie between two bounds.",
        "in range",
        lambda column, a: _range(column, a, "min_value", "max_value", f"{axis} of "),
        of=f"{axis} of ",
    )


def _measure(measure: str, of: str, word: str) -> Words:
    limit, name = (at_least, "at least") if word == "less" else (at_most, "at most")
    return Words(
        "conformity",
        f"The {measure} of every geometry must not be {word} than a bound.",
        f"{name} a limit",
        lambda column, a: limit(column, shown(a.get("value")), of=of),
        of=of,
    )


GENERATED: Mapping[str, Words] = {
    "is_not_null": _plain("completeness", "Every row must have a value.", "filled", "is filled"),
    "is_not_null_and_not_empty": Words(
        "completeness",
        "Every row must have a value, and no text may be empty.",
        "has text",
        lambda column, a: _text(column, a, "has text"),
    ),
    "is_not_empty": Words(
        "completeness",
        "No text may be empty; a missing value is allowed.",
        "has text if filled",
        lambda column, a: _text(column, a, "has text if filled"),
    ),
    "is_in_list": Words("conformity", "Every value must be one of a fixed list.", "in list", _list),
    "is_in_range": Words(
        "conformity",
        "Every value must lie between two bounds.",
        "in range",
        lambda column, a: _range(column, a, "min_limit", "max_limit"),
    ),
    "is_not_greater_than": Words(
        "conformity",
        "No value may be greater than a bound.",
        "at most a limit",
        lambda column, a: at_most(column, shown(a.get("limit")), also=_and_filled(a)),
    ),
    "is_not_less_than": Words(
        "conformity",
        "No value may be less than a bound.",
        "at least a limit",
        lambda column, a: at_least(column, shown(a.get("limit")), also=_and_filled(a)),
    ),
    "is_unique": Words("uniqueness", "No two rows may have the same key.", "unique", _key),
    "has_no_outliers": _plain(
        "accuracy",
        "No value may lie far from the median.",
        "near its median",
        "is near its median",
        " (within 3.5 median absolute deviations)",
    ),
    "is_point": _geometry("point"),
    "is_linestring": _geometry("linestring", "line string"),
    "is_polygon": _geometry("polygon"),
    "is_multipoint": _geometry("multipoint"),
    "is_multilinestring": _geometry("multilinestring", "multi-line string"),
    "is_multipolygon": _geometry("multipolygon"),
    "is_geometrycollection": _geometry("geometrycollection", "geometry collection"),
    "has_x_coordinate_between": _coordinate("x"),
    "has_y_coordinate_between": _coordinate("y"),
    "is_area_not_less_than": _measure("area", "area of ", "less"),
    "is_area_not_greater_than": _measure("area", "area of ", "greater"),
    "is_num_points_not_less_than": _measure("num points", "points of ", "less"),
    "is_num_points_not_greater_than": _measure("num points", "points of ", "greater"),
    "is_non_empty_geometry": _plain(
        "completeness", "No geometry may be empty.", "has points", "has at least one point"
    ),
    "is_ogc_valid": _plain(
        "conformity",
        "Every geometry must be valid by OGC's rules.",
        "valid by OGC's rules",
        "is valid by OGC's rules",
    ),
    "is_not_null_island": _plain(
        "accuracy",
        "No geometry may lie at the origin of coordinates.",
        "away from the origin",
        "is away from the origin (0, 0)",
    ),
}
"""By their names; what DQX 0.17 can emit (profiler/generator.py)."""

OTHERS: Mapping[str, str] = {
    "aggr_matches_dataset": "aggregate matches a dataset",
    "are_polygons_mutually_disjoint": "has no overlaps",
    "compare_datasets": "matches a dataset",
    "foreign_key": "refers to existing rows",
    "has_dimension": "has a set dimension",
    "has_no_aggr_outliers": "aggregate near its history",
    "has_num_decimal_places": "within decimal places",
    "has_valid_string_case": "in a set case",
    "is_aggr_equal": "aggregate equals a value",
    "is_aggr_not_equal": "aggregate differs from a value",
    "is_aggr_not_greater_than": "aggregate at most a limit",
    "is_aggr_not_less_than": "aggregate at least a limit",
    "is_area_equal_to": "area equals a value",
    "is_area_not_equal_to": "area differs from a value",
    "is_data_fresh": "is fresh",
    "is_data_fresh_per_time_window": "is fresh per time window",
    "is_equal_to": "equals a value",
    "is_geo_contains": "contains a shape",
    "is_geo_covers": "covers a shape",
    "is_geo_intersects": "intersects a shape",
    "is_geo_touches": "touches a shape",
    "is_geo_within": "lies within a shape",
    "is_geo_within_distance": "lies near a shape",
    "is_geography": "is a geography",
    "is_geometry": "is a geometry",
    "is_in_distribution": "follows a distribution",
    "is_ipv4_address_in_cidr": "is an IPv4 address of a block",
    "is_ipv6_address_in_cidr": "is an IPv6 address of a block",
    "is_latitude": "is a latitude",
    "is_longitude": "is a longitude",
    "is_not_equal_to": "differs from a value",
    "is_not_in_future": "not in the future",
    "is_not_in_near_future": "not in the near future",
    "is_not_null_and_is_in_list": "filled and in list",
    "is_not_null_and_not_empty_array": "has elements",
    "is_num_points_equal_to": "points equal a value",
    "is_num_points_not_equal_to": "points differ from a value",
    "is_older_than_col2_for_n_days": "older than another column",
    "regex_match": "matches a pattern",
    "sql_expression": "meets a condition",
    "sql_query": "passes a query",
}
"""What follows the column for functions whose own names are no words for people."""

NEGATED: Mapping[str, str] = {
    "foreign_key": "refers to no existing row",
    "is_older_than_col2_for_n_days": "no older than another column",
    "is_older_than_n_days": "at most n days old",
    "regex_match": "avoids a pattern",
    "sql_expression": "avoids a condition",
    "sql_query": "avoids a query's rows",
}
"""What follows the column if the argument `negate` is set."""
