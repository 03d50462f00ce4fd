"""The most decimal places of numbers."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.estimates.columns import arguments, column, failing
from worker.estimates.decimal_places import MEASURED, MONEY, WHOLE, WRITTEN, decimal_places

_RNG = np.random.default_rng(25)
_CENTS = [int(one) for one in _RNG.integers(0, 99_999, 400)]
_PRICES = [one / 100 for one in _CENTS]


@pytest.mark.parametrize(
    ("values", "kind", "limit"),
    [
        (_PRICES, pa.float64(), 2),
        (_PRICES, pa.float32(), 2),
        ([Decimal(one).scaleb(-2) for one in _CENTS], pa.decimal128(18, 4), 2),
        ([float(one) for one in _CENTS], pa.float64(), 0),
        ([one * 1e18 for one in _CENTS], pa.float64(), 0),
        ([one / 1000 for one in _CENTS], pa.float64(), 3),
    ],
)
def test_the_limit_is_the_most_places_that_were_seen(
    values: list[Any], kind: pa.DataType, limit: int
) -> None:
    assert arguments(decimal_places(), column(values, kind)) == {"limit": limit}
    assert failing(decimal_places(), column(values, kind)) == []
    assert arguments(decimal_places(), column(values[:99], kind)) is None


def test_no_limit() -> None:
    for values, kind in (
        (_CENTS, pa.int64()),
        ([one / 10_000 for one in _CENTS], pa.float64()),
        ([*_PRICES, 0.125], pa.float64()),
        ([*_PRICES, math.nan], pa.float64()),
        ([*_PRICES, math.inf], pa.float64()),
        (list(_RNG.normal(0, 1, 400)), pa.float64()),
        # The type has two places already.
        ([Decimal(one).scaleb(-2) for one in _CENTS], pa.decimal128(18, 2)),
        # Too few of the numbers have as many places as were seen.
        ([*map(float, _CENTS), 0.5], pa.float64()),
        ([str(one) for one in _PRICES], pa.string()),
    ):
        assert arguments(decimal_places(), column(values, kind)) is None


def test_the_places_of_a_decimal_of_many_digits_are_all_counted() -> None:
    kind = pa.decimal128(38, 6)
    for places, limit in ((".123", {"limit": 3}), (".1234", None)):
        long = [Decimal(f"{one + 10**25}{places}") for one in _CENTS]
        assert arguments(decimal_places(), column(long, kind)) == limit


def test_a_number_with_many_places_more_was_calculated() -> None:
    wrong = 12.34 * 0.453592

    assert failing(decimal_places(0.03), column([*_PRICES, wrong, None])) == [wrong]
    assert arguments(decimal_places(0.001), column([*_PRICES, wrong])) is None
    # Entered with one place more, or the noise of a sum: neither is a wrong number.
    for right in (12.345, 0.1 + 0.2):
        assert arguments(decimal_places(0.03), column([*_PRICES, right])) is None


def test_only_some_limits_say_something() -> None:
    tenths = [one / 10 for one in _CENTS]
    whole = [float(one) for one in _CENTS]

    for numbers, limits, limit in (
        (tenths, MONEY, {"limit": 2}),
        (_PRICES, MONEY, {"limit": 2}),
        (whole, MONEY, {"limit": 0}),
        (whole, WHOLE, {"limit": 0}),
        (tenths, WHOLE, None),
    ):
        assert arguments(decimal_places(limits=limits), column(numbers)) == limit
    # The type has no third place, and two that it may have are no limit.
    kind = pa.decimal128(18, 2)
    dimes = [Decimal(one).scaleb(-1) for one in _CENTS]
    assert arguments(decimal_places(limits=MONEY), column(dimes, kind)) is None


def test_places_of_a_measure_are_those_in_which_it_is_written() -> None:
    measured = decimal_places(limits=MEASURED, reached=WRITTEN)
    halves = [one / 2 for one in range(400)]

    assert arguments(measured, column([one / 10 for one in _CENTS])) == {"limit": 1}
    assert arguments(measured, column(_PRICES)) == {"limit": 2}
    # All or most are whole, and three places are of a unit.
    assert arguments(measured, column([float(one) for one in _CENTS])) is None
    assert arguments(measured, column([*halves, *map(float, _CENTS)])) is None
    assert arguments(measured, column([one / 1000 for one in _CENTS])) is None
