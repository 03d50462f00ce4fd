"""Values in a rule: bounds, lists and keys, with the essentials where people see them."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.suggestions.rows import SEEN, rule
from worker.checks.words import check_name, rule_text
from worker.counting.check import Check


@pytest.mark.parametrize(
    ("columns", "arguments", "name", "text"),
    [
        (
            ["a", "b"],
            {"nulls_distinct": False},
            "a, b unique",
            "unique together: a, b (null counts as a value)",
        ),
        (
            ["`a (x)`", "b.c"],
            {"nulls_distinct": True},
            "a (x), b.c unique",
            "unique together: a (x), b.c (nulls may repeat)",
        ),
        (["a"], {}, "a unique", "a is unique (nulls may repeat)"),
        (
            ["country_code", "calendar_year", "calendar_month"],
            {},
            "country_code, ca…, calendar_month unique",
            "unique together: cou…ode, cal…ear, cal…nth (nulls may repeat): "
            "country_code, calendar_year, calendar_month",
        ),
    ],
)
def test_a_key_is_said_with_its_columns(
    columns: list[str], arguments: dict[str, Any], name: str, text: str
) -> None:
    key = Check("is_unique", {"columns": columns, **arguments}, "n", "error")

    assert (check_name(key), rule_text(key)) == (name, text)


@pytest.mark.parametrize(
    ("column", "low", "high", "text"),
    [
        ("humid", 12.74, 100.0, "humid from 12.74 to 100"),
        ("o_shippriority", 0, 0, "o_shippriority is always 0"),
        ("price", "1.250BD", "1.25BD", "price is always 1.25"),
        ("day", "2013-01-01", "2013-12-31", "day from 2013-01-01 to 2013-12-31"),
        (
            "listed",
            "1990-01-02T00:00:00.000000+0000",
            "2024-09-16T00:00:00.000000+0000",
            "listed from 1990-01-02 to 2024-09-16 UTC",
        ),
        ("at", "2013-01-01T00:00:00Z", "2013-01-01T00:00:00Z", "at is always 2013-01-01 UTC"),
        (
            "at",
            "2013-01-01T00:00:00Z",
            "2013-01-02T10:00:00",
            "at from 2013-01-01 UTC to 2013-01-02 10:00",
        ),
        (
            "time_hour",
            "2013-01-01T05:00:00.000000+0000",
            "2013-12-31T23:00:00.000000+0000",
            "time_hour from 2013-01-01… to 2013-12-31…"
            " (exactly from 2013-01-01 05:00 to 2013-12-31 23:00 UTC)",
        ),
        (
            "pressure",
            995.4514686976653,
            1040.380600590724,
            "pressure from 995.45146… to 1040.3806…"
            " (exactly from 995.4514686976653 to 1040.380600590724)",
        ),
        (
            "incident_reporting_department_code",
            1,
            99,
            "incident_report…department_code from 1 to 99",
        ),
    ],
)
def test_bounds_are_said_as_short_as_they_can_be(
    column: str, low: Any, high: Any, text: str
) -> None:
    assert rule("is_in_range", column=column, min_limit=low, max_limit=high) == text


def test_one_bound_of_a_time_is_said_as_one() -> None:
    at = "2024-01-01T00:00:00.000000+0000"

    assert rule("is_not_less_than", limit=at) == "c from 2024-01-01 UTC on"
    assert rule("is_not_greater_than", limit="2024-01-01") == "c up to 2024-01-01"


def test_a_value_that_must_be_there_is_said() -> None:
    assert rule("is_in_range", min_limit=1, max_limit=9, allow_nulls=False) == (
        "c from 1 to 9 and filled"
    )
    assert rule("is_not_less_than", limit=1, allow_nulls=False) == "c at least 1 and filled"
    assert rule("is_not_greater_than", limit=1, allow_nulls=True) == "c at most 1"


def test_whole_numbers_of_as_many_digits_are_said_to_be() -> None:
    whole = {"min_limit": 10**11, "max_limit": 10**12 - 1, "allow_nulls": False}

    assert rule("is_in_range", **whole) == (
        "c has 12 digits and is filled (from 100,000,000,000 to 999,999,999,999)"
    )
    assert rule("is_in_range", min_limit=10, max_limit=99) == "c has 2 digits (from 10 to 99)"
    for low, high in ((1, 9), (0, 99), (10, 98), (10.0, 99.0), ("10", "99")):
        assert "digits" not in rule("is_in_range", min_limit=low, max_limit=high)


def test_spaces_that_count_as_text_are_said() -> None:
    assert rule("is_not_null_and_not_empty") == "c has text (spaces count)"
    assert rule("is_not_empty", trim_strings=False) == "c has text if filled (spaces count)"


CARRIERS = [f"'{one}'" for one in re.findall("..", "9EAAASB6DLEVF9FLHAMQOOUAUSVXWNYV")]


@pytest.mark.parametrize(
    ("column", "allowed", "text"),
    [
        ("origin", ["'EWR'", "'JFK'", "'LGA'"], "origin in EWR, JFK, LGA"),
        ("year", [2013], "year is always 2013"),
        ("flag", ["''"], 'flag is always ""'),
        ("c", ["'a, b'", "'EU '", "'d'"], 'c in "a, b", "EU ", d'),
        (
            "carrier",
            CARRIERS,
            "carrier in 9E, AA, AS, B6, DL and 11 more: EV, F9, FL, HA, MQ, OO, UA, US, VX, WN, YV",
        ),
        (
            "code_of_the_operating_carrier",
            CARRIERS,
            "code_of_…carrier in 9E, AA, AS and 13 more: "
            "B6, DL, EV, F9, FL, HA, MQ, OO, UA, US, VX, WN, YV",
        ),
        (
            "note",
            ["'The quick brown fox jumps over the lazy dog'", "'b'"],
            "note in 2 values: The quick brown fox jumps over the lazy dog, b",
        ),
        ("c", [], "c in an empty list"),
    ],
)
def test_a_list_says_its_first_values_and_how_many_more_there_are(
    column: str, allowed: list[Any], text: str
) -> None:
    assert rule("is_in_list", column=column, allowed=allowed) == text


def test_a_list_that_takes_any_case_says_so() -> None:
    assert (
        rule("is_in_list", allowed=["'EU'"], case_sensitive=False) == "c is always EU, in any case"
    )


BOUNDS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**63), 2**63 - 1)
    | st.datetimes().map(lambda one: one.isoformat(timespec="microseconds") + "+0000")
    | st.dates().map(str)
)


@given(low=BOUNDS, high=BOUNDS, column=st.text("abcxyz", min_size=1, max_size=10))
def test_both_bounds_are_seen_if_the_column_is_short(low: Any, high: Any, column: str) -> None:
    text = rule("is_in_range", column=column, min_limit=low, max_limit=high)

    seen, exact, rest = text.partition(" (exactly ")
    assert len(seen) <= SEEN
    assert re.fullmatch(rf"{column} (is always .+|from .+ to .+)", seen)
    # What was cut follows.
    assert ("…" in seen) == bool(exact)
    assert "…" not in rest
