import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.checks.portable_arguments import portable
from worker.counting.check import Check

NAN, INF = math.nan, math.inf


def check(function: str, arguments: Mapping[str, Any], name: str = "c_isnt_in_range") -> Check:
    return Check(function, arguments, name, "warn", filter="id > 0", user_metadata={"k": "v"})


def arguments_of(ported: Check | None) -> Mapping[str, Any]:
    assert ported is not None
    return ported.arguments


@pytest.mark.parametrize(
    ("number", "literal"),
    [
        ("0.37", "0.37BD"),
        ("-12.50", "-12.50BD"),
        ("1E+3", "1000BD"),
        ("1E-7", "0.0000001BD"),
        ("0", "0BD"),
        ("12345678901234567890123456789012345.678", "12345678901234567890123456789012345.678BD"),
    ],
)
def test_a_decimal_becomes_a_sql_literal_with_all_its_digits(number: str, literal: str) -> None:
    ported = portable(check("is_not_less_than", {"column": "c", "limit": Decimal(number)}))

    assert arguments_of(ported) == {"column": "c", "limit": literal}


@pytest.mark.parametrize("limit", ["1000-01-01", "9999-12-31", "1582-10-15T00:00:00.000000+0000"])
def test_a_bound_of_the_calendar_stays(limit: str) -> None:
    bounded = check("is_not_less_than", {"column": "c", "limit": limit})

    assert portable(bounded) == bounded


@pytest.mark.parametrize(
    ("moment", "literal"),
    [
        ("2024-03-01T05:06:07.000008+0000", "TIMESTAMP_NTZ '2024-03-01 05:06:07.000008'"),
        # Of no calendar's concern: Spark reads the literal itself.
        ("33-03-01T05:06:07.000000+0000", "TIMESTAMP_NTZ '0033-03-01 05:06:07.000000'"),
    ],
)
def test_a_bound_without_a_zone_is_a_literal_of_its_type(moment: str, literal: str) -> None:
    bounds = {"column": "c", "min_limit": moment, "max_limit": moment}
    ported = portable(check("is_in_range", bounds), zoneless=True)

    assert arguments_of(ported) == {"column": "c", "min_limit": literal, "max_limit": literal}


@pytest.mark.parametrize("value", [5, -0.5, True, "2024-01-01", "'EU'", "'0001-01-01'", None])
def test_what_json_can_say_stays_as_it_is(value: Any) -> None:
    ported = portable(check("some_function", {"column": "c", "value": value}))

    assert arguments_of(ported)["value"] is value


def test_decimals_deep_inside_an_argument_become_literals_too() -> None:
    value = {"x": [Decimal("1.0"), (Decimal(2), "text")]}

    ported = portable(check("some_function", {"value": value}))

    assert arguments_of(ported)["value"] == {"x": ["1.0BD", ["2BD", "text"]]}


def test_only_function_and_arguments_may_change() -> None:
    before = check("is_in_range", {"column": "c", "min_limit": 1, "max_limit": Decimal("2.5")})

    assert portable(before) == check(
        "is_in_range", {"column": "c", "min_limit": 1, "max_limit": "2.5BD"}
    )


@pytest.mark.parametrize("argument", ["column", "col_name"])
def test_a_column_is_quoted_where_it_must_be(argument: str) -> None:
    ported = portable(check("is_not_null", {argument: "amount (usd)"}))

    assert arguments_of(ported) == {argument: "`amount (usd)`"}


@pytest.mark.parametrize("argument", ["columns", "col_names"])
def test_columns_are_quoted_in_their_order(argument: str) -> None:
    ported = portable(check("is_unique", {argument: ["b", "true", "a b"]}))

    assert arguments_of(ported) == {argument: ["b", "`true`", "a b"]}


@pytest.mark.parametrize("argument", ["allowed", "forbidden"])
@pytest.mark.parametrize(
    ("values", "sorted_values"),
    [
        (["'b'", "'a'", "'C'"], ["'C'", "'a'", "'b'"]),
        ([10, 9, -1], [-1, 9, 10]),
        ([2.5, 1], [1, 2.5]),
        (["x", 3, "a", 1], [1, 3, "a", "x"]),
        ([Decimal("2.0"), Decimal("1.0")], ["1.0BD", "2.0BD"]),
        (("b", "a"), ["a", "b"]),
    ],
)
def test_lists_are_sorted(argument: str, values: Any, sorted_values: list[Any]) -> None:
    assert arguments_of(portable(check("f", {argument: values})))[argument] == sorted_values


@given(st.lists(st.text() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False)))
def test_the_order_of_a_list_leaves_no_trace(values: list[Any]) -> None:
    forth = portable(check("is_in_list", {"column": "c", "allowed": values}))
    back = portable(check("is_in_list", {"column": "c", "allowed": values[::-1]}))

    assert forth == back


@pytest.mark.parametrize("argument", ["allowed", "forbidden"])
def test_a_check_with_an_empty_list_is_dropped(argument: str) -> None:
    assert portable(check("is_in_list", {"column": "c", argument: []})) is None


@pytest.mark.parametrize(
    "endless",
    [
        *(NAN, INF, -INF, Decimal("NaN"), Decimal("-Infinity")),
        *("0999-12-31", "0001-01-01", "1-01-01T00:00:00.000000+0000"),
        "1582-10-14T23:59:59.999999+0000",
    ],
)
@pytest.mark.parametrize(
    ("bad", "good", "function", "name"),
    [
        ("min_limit", "max_limit", "is_not_greater_than", "c_not_greater_than"),
        ("max_limit", "min_limit", "is_not_less_than", "c_not_less_than"),
    ],
)
def test_of_a_range_with_one_finite_bound_that_bound_stays(
    endless: Any, bad: str, good: str, function: str, name: str
) -> None:
    limits = {bad: endless, good: Decimal("7.5")}

    ported = portable(check("is_in_range", {"column": "a b,c", **limits}))

    assert ported == check(function, {"column": "`a b,c`", "limit": "7.5BD"}, name)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("is_in_range", {"min_limit": NAN, "max_limit": INF}),
        ("is_in_range", {"min_limit": Decimal("-Infinity"), "max_limit": Decimal("Infinity")}),
        ("is_in_range", {"min_limit": None, "max_limit": INF}),
        ("is_in_range", {"max_limit": NAN}),
        ("is_not_in_range", {"min_limit": 1, "max_limit": INF}),
        ("is_not_less_than", {"limit": -INF}),
        ("is_not_less_than", {"limit": "0001-01-01"}),
        ("has_x_coordinate_between", {"min_value": 1.0, "max_value": INF}),
        ("is_in_list", {"allowed": [1.0, NAN]}),
        ("is_in_list", {"allowed": [Decimal("Infinity"), Decimal(1)]}),
    ],
)
def test_where_no_bound_is_left_nothing_is_left(function: str, arguments: dict[str, Any]) -> None:
    assert portable(check(function, {"column": "c", **arguments})) is None


def test_a_text_that_only_looks_like_an_early_day_stays() -> None:
    pattern = check("regex_match", {"column": "c", "regex": "0999-12-31"})

    assert portable(pattern) == pattern


@given(st.dictionaries(st.sampled_from(["min_limit", "max_limit"]), st.floats() | st.decimals()))
def test_whatever_the_bounds_json_can_say_what_is_left(limits: dict[str, Any]) -> None:
    ported = portable(check("is_in_range", {"column": "c", **limits}))

    assert ported is None or json.dumps(dict(ported.arguments), allow_nan=False)
