from decimal import Decimal
from typing import Any

import pytest

from worker.checks.identity import canonical, suggestion_id
from worker.counting.check import Check
from worker.profiling.normalize_rule import normalize_rule


def check(function: str, filter_: str | None = None, /, **arguments: Any) -> Check:
    return Check(function, arguments, "name", "error", filter_)


def at_least(limit: Any) -> Check:
    return check("is_not_less_than", column="c", limit=limit)


def one_of(*allowed: Any) -> Check:
    return check("is_in_list", column="c", allowed=list(allowed))


def where(filter_: str | None) -> Check:
    return check("is_not_null", filter_, column="c")


FLAT = {"function": "is_not_null", "arguments": {"col_name": "c"}}
NESTED = {"check": {"function": "is_not_null", "arguments": {"column": "c"}}, "name": "c_is_null"}
EQUAL = {
    "decimal and literal": (at_least(Decimal("5.00")), at_least("5BD")),
    "decimal and padded literal": (at_least(Decimal(5)), at_least("5.00BD")),
    "decimal and marker": (at_least(Decimal("5.00")), at_least({"__decimal__": "5.00"})),
    "decimal and integer": (at_least(Decimal("5.00")), at_least(5)),
    "decimal and text": (at_least(Decimal("5.00")), at_least("5")),
    "decimal and float": (at_least(Decimal("5.00")), at_least(5.0)),
    "large round number": (at_least(Decimal("5E+3")), at_least(5000)),
    "nought and minus nought": (at_least(0), at_least(-0.0)),
    "reordered list": (one_of("'EU'", "'US'"), one_of("'US'", "'EU'")),
    "repeated list": (one_of("'EU'", "'US'"), one_of("'EU'", "'US'", "'EU'")),
    "numbers in a list": (one_of(Decimal("5.00"), 6), one_of("6BD", 5)),
    "reordered columns": (
        check("is_unique", columns=["a", "b"]),
        check("is_unique", columns=["b", "a"]),
    ),
    "no argument and None": (at_least(5), check("is_not_less_than", column="c", limit=5, x=None)),
    "no default and None": (
        check("is_not_empty"),
        check("is_not_empty", trim_strings=None),
    ),
    "one instant": (
        at_least("2024-01-01T00:00:00.000000+0000"),
        at_least("2024-01-01T01:00:00+01:00"),
    ),
    "a moment without a zone, as it was written before": (
        at_least("2024-01-01T06:30:00.000000+0000"),
        at_least("TIMESTAMP_NTZ '2024-01-01 06:30:00'"),
    ),
    "case and quotes of a column": (
        check("is_not_null", column="Customer Name"),
        check("is_not_null", column="`customer name`"),
    ),
    "old and new name of the column": (normalize_rule(FLAT), normalize_rule(NESTED)),
    "white space around a filter": (where("a = 1"), where("  a = 1\n")),
    "white space in a filter": (where("a = 1 and b = 'x y'"), where("a  =\t1\nand  b = 'x y'")),
    "no filter and an empty one": (where(None), where("")),
}
DIFFERENT = {
    "number and text in a list": (one_of(1), one_of("'1'")),
    "nulls": (check("is_unique", nulls_distinct=True), check("is_unique", nulls_distinct=False)),
    "trimmed or not": (check("is_not_empty", trim_strings=True), check("is_not_empty")),
    "filter or not": (where("a = 1"), where(None)),
    "a dot in a name and a path": (
        check("is_not_null", column="`a.b`"),
        check("is_not_null", column="a.b"),
    ),
    "function": (check("is_not_null", column="c"), check("is_not_empty", column="c")),
    "column": (check("is_not_null", column="c"), check("is_not_null", column="d")),
    "limit": (at_least(5), at_least(6)),
    "limit with 38 digits": (at_least(Decimal("7" * 37 + "1")), at_least(Decimal("7" * 37 + "2"))),
    "order of another list": (check("f", x=[1, 2]), check("f", x=[2, 1])),
    "white space and none": (where("a or b"), where("aor b")),
    "true and one": (one_of(True), one_of(1)),
    "instant": (at_least("2024-01-01T00:00:00+0000"), at_least("2024-01-01T00:00:00+0100")),
    "moment without a zone": (
        at_least("2024-01-01T06:30:00+0100"),
        at_least("TIMESTAMP_NTZ '2024-01-01 06:30:00'"),
    ),
    "moment without a zone and SQL": (
        at_least("TIMESTAMP_NTZ '2024-01-01 06:30:00' + x + '2024'"),
        at_least("TIMESTAMP_NTZ '2024-01-01 06:30:00'"),
    ),
    "white space in quotes": (where("a = 'x y'"), where("a = 'x  y'")),
    "white space behind an escape": (where(r"a = 'x\'  y'"), where(r"a = 'x\' y'")),
    "white space behind a doubled quote": (where("a = 'x''  y'"), where("a = 'x'' y'")),
    "white space in back-quotes": (where("`a b` = 1"), where("`a  b` = 1")),
    "white space in double quotes": (where('a = "x y"'), where('a = "x  y"')),
    "white space behind a double escape": (where(r'a = "x\"  y"'), where(r'a = "x\" y"')),
}


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_equal_checks_have_one_form(one: Check, other: Check) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_checks_have_different_forms(one: Check, other: Check) -> None:
    assert canonical(one) != canonical(other)


def test_name_criticality_and_metadata_are_no_part_of_a_check() -> None:
    other = Check("is_not_null", {"column": "c"}, "other", "warn", None, {"key": "value"})

    assert canonical(other) == canonical(where(None))


def test_an_instant_before_the_calendar_begins_in_utc_is_no_error() -> None:
    assert canonical(at_least("0001-01-01T00:00:00+01:00")) != canonical(at_least("0001-01-01"))


def test_the_id_of_a_suggestion_is_the_same_for_ever() -> None:
    ids = {suggestion_id("run", "orders", at_least(limit)) for limit in (5, "5BD", Decimal("5.0"))}

    assert ids == {"a2027d74-d240-5520-b9ae-9741dd025ddd"}


@pytest.mark.parametrize(
    ("run_id", "schema_name", "limit"),
    [("run2", "orders", 5), ("run", "Orders", 5), ("run", "orders", 6)],
)
def test_the_id_differs_by_run_schema_and_check(run_id: str, schema_name: str, limit: int) -> None:
    known = suggestion_id("run", "orders", at_least(5))

    assert suggestion_id(run_id, schema_name, at_least(limit)) != known
