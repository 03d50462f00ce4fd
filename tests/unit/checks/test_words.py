import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.checks.words import describe, dimension, rule_text
from worker.profiling.check import Check

# Function, arguments beside the column, rule, dimension: section 1 of the mapping.
TABLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("is_not_null", {}, "c must not be null", "completeness"),
    ("is_not_null_and_not_empty", {}, "c must not be null or empty", "completeness"),
    ("is_not_empty", {}, "c must not be empty, null allowed", "completeness"),
    ("is_in_list", {"allowed": ["'EU'", "'US'", 3]}, "c in (EU, US, 3)", "conformity"),
    ("is_in_range", {"min_limit": "-1.0BD", "max_limit": 2.5}, "-1.0 <= c <= 2.5", "conformity"),
    ("is_not_greater_than", {"limit": "2.50BD"}, "c <= 2.50", "conformity"),
    ("is_not_less_than", {"limit": "2024-01-01"}, "c >= 2024-01-01", "conformity"),
    ("has_no_outliers", {}, "c within median +/- 3.5 MAD", "accuracy"),
    ("is_point", {}, "c is a point", "conformity"),
    ("is_linestring", {}, "c is a linestring", "conformity"),
    ("is_polygon", {}, "c is a polygon", "conformity"),
    ("is_multipoint", {}, "c is a multipoint", "conformity"),
    ("is_multilinestring", {}, "c is a multilinestring", "conformity"),
    ("is_multipolygon", {}, "c is a multipolygon", "conformity"),
    ("is_geometrycollection", {}, "c is a geometrycollection", "conformity"),
    (
        "has_x_coordinate_between",
        {"min_value": 0, "max_value": "9BD"},
        "0 <= x(c) <= 9",
        "conformity",
    ),
    (
        "has_y_coordinate_between",
        {"min_value": "0BD", "max_value": 9},
        "0 <= y(c) <= 9",
        "conformity",
    ),
    ("is_area_not_less_than", {"value": "5BD"}, "area(c) >= 5", "conformity"),
    ("is_area_not_greater_than", {"value": 5}, "area(c) <= 5", "conformity"),
    ("is_num_points_not_less_than", {"value": 5}, "num_points(c) >= 5", "conformity"),
    ("is_num_points_not_greater_than", {"value": 5}, "num_points(c) <= 5", "conformity"),
    ("is_non_empty_geometry", {}, "c not empty", "completeness"),
    ("is_ogc_valid", {}, "c is OGC valid", "conformity"),
    ("is_not_null_island", {}, "c is not POINT(0 0)", "accuracy"),
    ("is_valid_email", {"x": "y"}, "is_valid_email(column=c, x=y)", "conformity"),
]


def rule(function: str, filter_: str | None = None, /, **arguments: Any) -> str:
    return rule_text(Check(function, {"column": "c", **arguments}, "name", "error", filter_))


@pytest.mark.parametrize(("function", "arguments", "text", "_"), TABLE)
def test_the_rule_says_what_the_table_says(
    function: str, arguments: dict[str, Any], text: str, _: str
) -> None:
    assert rule(function, **arguments) == text


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        *((row[0], row[3]) for row in TABLE),
        *((name, "timeliness") for name in ("is_data_fresh", "is_not_in_future")),
        *((name, "timeliness") for name in ("is_older_than_n_days", "has_no_gaps_per_time_window")),
        *((name, "consistency") for name in ("foreign_key", "compare_x", "aggr_matches_x")),
        *((name, "completeness") for name in ("is_null", "is_empty", "row_count_between")),
        *((name, "uniqueness") for name in ("is_unique", "has_unique_rows", "are_x_disjoint")),
        *((name, "conformity") for name in ("is_valid_country_code", "is_valid_date")),
        *((name, "conformity") for name in ("regex_match", "is_not_in_list", "is_not_in_range")),
        *((name, "conformity") for name in ("schema_matches", "has_json_keys")),
        ("sql_query", "accuracy"),
    ],
)
def test_a_function_has_its_dimension(function: str, expected: str) -> None:
    assert dimension(function) == expected


@pytest.mark.parametrize(
    ("columns", "arguments", "text"),
    [
        (["a", "b"], {"nulls_distinct": False}, "(a, b) unique, nulls equal"),
        (["`a (x)`", "b.c"], {"nulls_distinct": True}, "(a (x), b.c) unique, nulls distinct"),
        (["a"], {}, "(a) unique, nulls distinct"),
    ],
)
def test_a_key_is_told_with_all_its_columns(
    columns: list[str], arguments: dict[str, Any], text: str
) -> None:
    assert rule_text(Check("is_unique", {"columns": columns, **arguments}, "n", "error")) == text


def test_a_long_list_shows_ten_values_and_how_many_more_there_are() -> None:
    values = [f"'v{number}'" for number in range(13)]

    assert rule("is_in_list", allowed=values[:10]).endswith("v8, v9)")
    assert rule("is_in_list", allowed=values[:11]).endswith("v8, v9, ... +1)")
    assert rule("is_in_list", allowed=values).endswith("v8, v9, ... +3)")


def test_text_is_shown_without_the_quoting_of_sql() -> None:
    assert rule("is_in_list", allowed=[r"'O\'R\\x'", "''", "1.50BD"]) == r"c in (O'R\x, , 1.50)"
    assert rule("is_not_null", column="`amount ``(usd)`.x") == "amount `(usd).x must not be null"


def test_another_function_is_shown_as_a_call() -> None:
    assert rule("f", column="`a (b)`", x="`y`", z=[1]) == "f(column=a (b), x=`y`, z=[1])"


def test_a_filter_follows_the_rule() -> None:
    assert rule("is_not_null", "id >= 10") == "c must not be null where id >= 10"


def test_control_characters_become_one_blank() -> None:
    text = rule("is_in_list", "a =\n\t1\x00", allowed=["'x\x00y\r\n\x1b\x7f\x85\u2028z'"])
    assert text == "c in (x y z) where a = 1"


@pytest.mark.parametrize("function", ["is_not_null", "is_in_list", "is_in_range", "some_other"])
@given(text=st.text(), copies=st.integers(1, 300))
def test_a_rule_is_one_printable_line_of_at_most_200_characters(
    function: str, text: str, copies: int
) -> None:
    long = text * copies

    shown = rule(function, long, column=f"c{long}", allowed=[long, 1], min_limit=long, x=long)

    assert len(shown) <= 200
    assert shown.isprintable()


def test_a_rule_of_200_characters_stays_whole_and_a_longer_one_ends_in_an_ellipsis() -> None:
    frame = len("c must not be null where ")

    assert rule("is_not_null", "x" * (200 - frame)).endswith("x" * (200 - frame))
    assert rule("is_not_null", "x" * (201 - frame)).endswith("x" * (199 - frame) + "…")


def test_a_long_column_leaves_room_for_what_is_asked_of_it() -> None:
    assert "… must not be null" in rule("is_not_null", column="c" * 300)


@pytest.mark.parametrize("function", [*(row[0] for row in TABLE), "is_unique", "is_new"])
def test_a_description_is_a_sentence_that_holds_no_value(function: str) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_',; ]+\.", describe(function))
    assert not re.search(r"(?<![a-z_0-9])\d", describe(function))
