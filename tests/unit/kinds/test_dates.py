"""Dates that move on with the loads, and those that do not."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from tests.unit.kinds.values import RNG, described, kind_of, shuffled
from worker.kinds.column_kind import ColumnKind

_ROWS = 500
_DAY = timedelta(days=1)
_THREE_YEARS = [date(2021, 1, 1) + int(one) * _DAY for one in RNG.integers(0, 1_000, _ROWS)]
_LIVES = [date(1940, 1, 1) + int(one) * _DAY for one in RNG.integers(0, 60 * 365, _ROWS)]
_PAST = [
    date(2001, 1, 1) + int(one) * _DAY
    for one in [*RNG.integers(0, 900, _ROWS), *RNG.integers(900, 7_000, 15)]
]


def test_dates_in_the_order_of_the_rows_move_on() -> None:
    assert kind_of("x", sorted(_LIVES)) == ColumnKind.MOVING_DATE
    assert kind_of("x", sorted(_LIVES, reverse=True)) == ColumnKind.MOVING_DATE


def test_some_wrong_rows_leave_the_order_what_it_is() -> None:
    dates = sorted(_LIVES)
    dates[50], dates[200] = date(1800, 1, 1), date(2999, 12, 31)

    assert kind_of("x", dates) == ColumnKind.MOVING_DATE


def test_dates_spread_up_to_the_end_move_on() -> None:
    found = described("x", _THREE_YEARS)

    assert found.kind == ColumnKind.MOVING_DATE
    assert "in the last tenth of the time" in found.reason


def test_dates_that_thin_out_move_on_only_by_name() -> None:
    assert kind_of("x", shuffled(_PAST)) == ColumnKind.DATE
    assert kind_of("shipped_at", shuffled(_PAST)) == ColumnKind.MOVING_DATE


def test_a_far_date_that_stands_for_none_changes_nothing() -> None:
    assert kind_of("x", [*_THREE_YEARS, date(9999, 12, 31)]) == ColumnKind.MOVING_DATE


def test_lives_are_long() -> None:
    assert kind_of("x", _LIVES) == ColumnKind.DATE


@pytest.mark.parametrize("name", ["birth_date", "dateOfBirth", "Geburtsdatum", "founded_on"])
def test_the_name_of_a_birth(name: str) -> None:
    assert kind_of(name, sorted(_THREE_YEARS)) == ColumnKind.DATE


def test_one_date_in_all_rows_is_that_of_a_load() -> None:
    assert kind_of("x", [date(2024, 5, 1)] * 90) == ColumnKind.MOVING_DATE


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_are_counted_in_their_own_unit(unit: str) -> None:
    times = pa.array(_LIVES).cast(pa.timestamp(unit))

    assert described("x", times).reason == described("x", _LIVES).reason
    assert described("x", pa.array(_LIVES).cast(pa.date64())).kind == ColumnKind.DATE
