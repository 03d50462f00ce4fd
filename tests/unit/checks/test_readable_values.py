"""A value that people read is the value of the check, in few characters."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.checks.portable_arguments import portable
from worker.checks.readable_values import shown
from worker.counting.check import Check

DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=12) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**26), max_value=10**26
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (100.0, "100"),
        (2700.0, "2700"),
        (12.74, "12.74"),
        (0.1 + 0.2, "0.30000000000000004"),
        (-0.0, "0"),
        (0.00001, "0.00001"),
        (5e-324, "5e-324"),
        (1e22, "1e22"),
        (123456789012345680.0, "123456789012345680"),
        (1152921504606846977, "1152921504606846977"),
        (-5, "-5"),
        (True, "true"),
        (None, "null"),
        (Decimal("2.50"), "2.5"),
        (Decimal(100), "100"),
        ("0.370BD", "0.37"),
        ("-1.0BD", "-1"),
        ("12345678901234567890.123456BD", "12345678901234567890.123456"),
        ({"__decimal__": "5.00"}, "5"),
        # A text, not a number.
        ("'1.50'", "1.50"),
        (r"'O\'R\\x'", r"O'R\x"),
        ("''", '""'),
        ("'EU '", '"EU "'),
        ("'Paris, Texas'", '"Paris, Texas"'),
        ("other_column", "other_column"),
        ("2013-01-01", "2013-01-01"),
        ("2013-01-01T00:00:00.000000+0000", "2013-01-01 UTC"),
        ("2013-01-01T00:00:00Z", "2013-01-01 UTC"),
        ("TIMESTAMP_NTZ '2013-01-01 00:00:00.000000'", "2013-01-01"),
        ("TIMESTAMP_NTZ '2013-01-01 05:00:30.500000'", "2013-01-01 05:00:30.5"),
        ("2013-01-01T01:00:00+01:00", "2013-01-01 UTC"),
        ("2013-01-01T05:00:00.000000+0000", "2013-01-01 05:00 UTC"),
        ("2013-01-01T05:00:30.000000+0000", "2013-01-01 05:00:30 UTC"),
        ("2013-01-01T05:00:00.120000+0000", "2013-01-01 05:00:00.12 UTC"),
        ("2013-01-01 23:59", "2013-01-01 23:59"),
        ("2013-01-01T00:00:00", "2013-01-01"),
        # No moments.
        ("2013-13-01T00:00:00", "2013-13-01T00:00:00"),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00+01:00"),
        ("'2013-01-01T00:00:00'", "2013-01-01T00:00:00"),
        (["'a'", 1.0], "[a, 1]"),
        ({"x": 1.0}, "{x: 1}"),
        (math.inf, "Infinity"),
    ],
)
def test_a_value_is_shown_as_people_write_it(value: Any, text: str) -> None:
    assert str(shown(value)) == text


@given(DOUBLES)
@example(0.1)
@example(995.4514686976653)
@example(1.7976931348623157e308)
def test_a_double_reads_back_as_the_same_double(value: float) -> None:
    text = str(shown(value))

    assert float(text) == value
    # Python's own is the shortest that does, but for a point and the signs of an exponent.
    assert len(text) <= max(len(repr(value)), 16 + 1)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_whole_number_reads_back_as_the_same(value: int) -> None:
    assert Decimal(str(shown(value))) == value


@given(DECIMALS)
def test_a_decimal_reads_back_as_the_same(value: Decimal) -> None:
    check = portable(Check("is_not_less_than", {"column": "c", "limit": value}, "n", "error"))

    assert check is not None
    assert Decimal(str(shown(check.arguments["limit"]))) == value


@given(st.datetimes(datetime(1582, 10, 15)))  # noqa: DTZ001 - UTC, which follows
def test_a_moment_reads_back_as_the_same_moment(moment: datetime) -> None:
    text = str(shown(moment.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")))

    day = text.removesuffix(" UTC")
    assert datetime.fromisoformat(day).replace(tzinfo=UTC) == moment.replace(tzinfo=UTC)


@given(DOUBLES | DECIMALS | st.integers() | st.text())
def test_the_short_form_begins_as_the_value_does(value: Any) -> None:
    one = shown(value)

    head, cut, _ = one.short.partition("…")
    assert len(one.short) <= 12
    assert cut or one.short == one.text or "e" in one.short
    if "e" not in one.short:
        assert one.text.startswith(head)


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (995.4514686976653, "995.45146…"),
        (-123456.789012, "-123456.7…"),
        (0.0012345678912, "0.0012345…"),
        (0.00012345678912, "1.234…e-4"),
        (1234567.8901, "1.234…e6"),
        (12300000000, "1.23e10"),
        (1234567890, "1234567890"),
        ("2013-01-01T05:00:00.000000+0000", "2013-01-01…"),
        ("2013-01-01T00:00:00.000000+0000", "2013-01-01"),
        ("current_timestamp()", "current_t…"),
    ],
)
def test_the_short_form_shows_the_size_of_a_value(value: Any, short: str) -> None:
    assert shown(value).short == short
