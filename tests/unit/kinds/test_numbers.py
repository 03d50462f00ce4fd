"""Numbers: which of them measure, and which name something."""

from decimal import Decimal

import numpy as np
import pytest

from tests.unit.kinds.values import RNG, described, kind_of, shuffled
from worker.kinds.column_kind import ColumnKind

_ROWS = 1_000
_SKEWED = RNG.lognormal(4, 1, _ROWS)
_WEIGHTS = [round(float(one), 1) for one in _SKEWED]
_WHOLE = [int(one) for one in 100 * _SKEWED]


def test_numbers_that_all_differ_and_grow_with_the_rows_are_a_key() -> None:
    growing = np.cumsum(RNG.integers(1, 400, _ROWS)) ** 2

    found = described("entry", growing)

    assert found.kind == ColumnKind.KEY
    assert found.reason == "each of 1,000 values differs and they follow the order of the rows"


def test_a_shuffled_series_without_repeats_is_a_key() -> None:
    assert kind_of("entry", shuffled(range(70_000, 70_000 + 9 * _ROWS, 9))) == ColumnKind.KEY


def test_numbers_that_happen_to_differ_are_no_key() -> None:
    populations = shuffled(list(np.unique((RNG.lognormal(15, 1, 500)).astype(int))))

    assert kind_of("population", populations) == ColumnKind.MEASURE


def test_the_name_makes_numbers_that_all_differ_a_key() -> None:
    unique = shuffled(list(np.unique((RNG.lognormal(15, 1, 500)).astype(int))))

    assert kind_of("orderId", unique) == ColumnKind.KEY


def test_a_few_repeats_in_the_past_leave_a_key_a_key() -> None:
    numbers = list(range(5_000, 6_000))
    numbers[17] = numbers[18]

    assert described("order_id", numbers).reason.startswith("999 different values in 1,000 rows")


@pytest.mark.parametrize("name", ["customer_no", "o_custkey", "zip", "ProductCode"])
def test_numbers_that_the_name_calls_a_code_are_one(name: str) -> None:
    assert kind_of(name, RNG.integers(1, 9_000, _ROWS)) == ColumnKind.CODE


def test_numbers_that_the_contract_calls_texts_are_a_code() -> None:
    assert kind_of("region", _WHOLE, "string") == ColumnKind.CODE
    assert kind_of("region", _WHOLE, "integer") == ColumnKind.MEASURE


def test_a_series_that_repeats_is_a_code() -> None:
    assert kind_of("customer", RNG.integers(1, 600, 3_000)) == ColumnKind.CODE
    assert kind_of("height", RNG.normal(900, 80, 3_000).astype(int)) == ColumnKind.MEASURE


def test_hours_and_minutes_written_as_one_number_are_a_code() -> None:
    hours, minutes = RNG.integers(0, 24, _ROWS), RNG.integers(0, 60, _ROWS)

    assert kind_of("left", 100 * hours + minutes) == ColumnKind.CODE
    assert kind_of("left", RNG.integers(0, 2_360, _ROWS)) != ColumnKind.CODE


@pytest.mark.parametrize("name", ["num_rooms", "number_of_rooms", "room_count", "qty", "rooms"])
def test_a_count_by_name(name: str) -> None:
    assert kind_of(name, RNG.integers(2, 90, _ROWS)) == ColumnKind.COUNT


def test_whole_numbers_that_get_ever_rarer_are_a_count() -> None:
    assert kind_of("x", [0] * 300 + [1] * 200 + [2] * 100 + [3] * 50 + [4] * 40) == ColumnKind.COUNT


def test_few_numbers_that_each_occur_often_are_a_category() -> None:
    assert kind_of("x", shuffled([3, 5, 7] * 300)) == ColumnKind.CATEGORY
    assert kind_of("x", shuffled([3, 5, 7])) == ColumnKind.MEASURE


def test_a_category_by_name_is_no_amount() -> None:
    many = shuffled(list(range(20)) * 40)

    assert kind_of("payment_type", many) == ColumnKind.CATEGORY
    assert kind_of("payment_type", many[:200]) == ColumnKind.AMOUNT
    assert kind_of("payment", many) == ColumnKind.AMOUNT


def test_neighbouring_numbers_that_thin_out_to_both_ends_are_of_a_scale() -> None:
    assert kind_of("x", np.repeat([4, 5, 6, 7, 8], [30, 200, 400, 300, 40])) == ColumnKind.MEASURE
    assert kind_of("x", np.repeat([4, 5, 6, 7, 8], [200, 200, 200, 300, 250])) == (
        ColumnKind.CATEGORY
    )


@pytest.mark.parametrize("per_second", [1, 1_000, 1_000_000])
def test_times_since_1970_are_a_code(per_second: int) -> None:
    times = 1_700_000_000 * per_second + RNG.lognormal(13, 1, _ROWS).astype(int)

    assert kind_of("event_time", times) == ColumnKind.CODE
    assert "since 1970" in described("x", np.repeat(np.sort(times), 2)).reason
    assert kind_of("x", times) == ColumnKind.MEASURE


def test_two_numbers_are_a_flag_if_they_are_0_and_1() -> None:
    assert kind_of("x", [0, 0, 1, 0] * 20) == ColumnKind.FLAG
    assert kind_of("x", [0] * 3_000 + [1]) == ColumnKind.FLAG
    assert kind_of("x", [1, 2] * 40) == ColumnKind.CATEGORY
    assert kind_of("x", [1, 2] * 40, "boolean") == ColumnKind.FLAG


def test_parts_of_a_date_are_categories() -> None:
    assert kind_of("day_of_year", RNG.integers(1, 366, 4_000)) == ColumnKind.CATEGORY
    assert kind_of("day_of_year", RNG.integers(1, 9_000, 4_000)) != ColumnKind.CATEGORY


def test_years_by_name_and_by_their_steps() -> None:
    assert kind_of("model_year", RNG.integers(1890, 2024, _ROWS)) == ColumnKind.YEAR
    assert kind_of("model_year", [2013] * _ROWS) == ColumnKind.YEAR
    assert kind_of("vintage", shuffled(list(range(1990, 2020)) * 40)) == ColumnKind.YEAR
    assert kind_of("vintage", shuffled(list(range(990, 1020)) * 40)) != ColumnKind.YEAR
    assert kind_of("year", _WEIGHTS) != ColumnKind.YEAR


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("unitPrice", ColumnKind.AMOUNT),
        ("l_extendedprice", ColumnKind.AMOUNT),
        ("betrag_netto", ColumnKind.AMOUNT),
        ("delay_ms", ColumnKind.DURATION),
        ("air_time", ColumnKind.DURATION),
        ("weight", ColumnKind.MEASURE),
    ],
)
def test_the_name_parts_amounts_and_durations_from_measures(name: str, kind: ColumnKind) -> None:
    assert kind_of(name, _WEIGHTS) == kind


def test_a_type_with_two_decimals_is_an_amount() -> None:
    cents = [Decimal(one).scaleb(-2) for one in _WHOLE]

    assert kind_of("x", cents) == ColumnKind.AMOUNT
    assert kind_of("x", [one / 10 for one in cents]) == ColumnKind.MEASURE


def test_coordinates_by_name_within_their_bounds() -> None:
    degrees = [round(float(one), 4) for one in RNG.uniform(-89, 89, _ROWS)]

    assert kind_of("pickup_lat", degrees) == ColumnKind.COORDINATE
    assert kind_of("lon", [2 * one for one in degrees]) == ColumnKind.COORDINATE
    assert kind_of("lat", [2 * one for one in degrees]) == ColumnKind.MEASURE


def test_shares_fill_their_span_or_have_the_name() -> None:
    shares = [round(float(one), 3) for one in np.append(RNG.uniform(0.1, 1, _ROWS), 1.0)]

    assert kind_of("x", shares) == ColumnKind.SHARE
    assert kind_of("x", [100 * one for one in shares]) == ColumnKind.SHARE
    assert kind_of("x", [*shares, 1.01]) == ColumnKind.MEASURE
    assert kind_of("x", [one / 2 for one in shares]) == ColumnKind.MEASURE
    assert kind_of("dropout_rate", [one / 2 for one in shares]) == ColumnKind.SHARE
    assert kind_of("heart_rate", [80 * one for one in shares]) == ColumnKind.MEASURE
    assert kind_of("heart_percentage", [80 * one for one in shares]) == ColumnKind.SHARE


def test_wrong_rows_change_no_kind() -> None:
    factors = np.where(np.arange(_ROWS) % 60 == 0, 1_000, 1)

    assert kind_of("lat", RNG.uniform(-80, 80, _ROWS) * factors) == ColumnKind.COORDINATE
    assert kind_of("year", RNG.integers(1990, 2024, _ROWS) * factors) == ColumnKind.YEAR
    assert kind_of("x", RNG.choice([7, 19], 5_000) * np.tile(factors, 5)) == ColumnKind.CATEGORY
