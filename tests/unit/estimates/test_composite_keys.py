"""Two columns that name a row together."""

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.estimates.columns import column
from worker.estimates.composite_keys import composite_key, together
from worker.kinds.column import Column

_HOURS, _STATIONS = 200, 3
_HOUR = column(np.repeat(np.arange(_HOURS), _STATIONS), name="hour")
_STATION = column(["a", "b", "c"] * _HOURS, name="station")
_WEATHER = column([f"w{at % 7}" for at in range(_HOURS * _STATIONS)], name="weather")


def _paths(*columns: Column) -> list[str] | None:
    found = composite_key(columns)
    return None if found is None else [one.path for one in found]


def test_a_station_and_an_hour_name_a_row() -> None:
    assert _paths(_WEATHER, _STATION, _HOUR) == ["hour", "station"]


def test_two_of_the_same_are_no_key() -> None:
    hours = _HOUR.values.to_pylist()
    twice = column([*hours[:-1], hours[0]], name="hour")
    stations = column([*_STATION.values.to_pylist()[:-1], "a"], name="station")

    assert _paths(twice, stations) is None


@pytest.mark.parametrize("at", [0, 1])
def test_a_column_that_lacks_a_value_is_no_part_of_a_key(at: int) -> None:
    columns = [_HOUR, _STATION]
    values = columns[at].values.to_pylist()
    columns[at] = column([None, *values[1:]], name=columns[at].path)

    assert _paths(*columns) is None


def test_what_differs_by_chance_is_no_key() -> None:
    numbers = np.random.default_rng(1)
    # Of 600 rows next to none repeats a number of each.
    columns = [column(numbers.integers(0, 500, 600), name=name) for name in ("a", "b")]

    assert _paths(*columns) is None


def test_a_pair_that_may_not_be_a_key_is_not_tried_and_few_rows_are_none() -> None:
    assert _paths(_STATION, _WEATHER) is None
    assert _paths(column([], pa.int64()), column([], pa.int64(), "y")) is None
    assert _paths() is None


def test_numbers_of_two_columns_are_equal_if_both_values_are() -> None:
    both = together(column(["a", "b", "a", "b"], name="x"), column([1, 1, 2, 1], name="y"))

    assert both.path == "x, y"
    first, second, third, fourth = both.values.to_pylist()
    assert second == fourth
    assert len({first, second, third}) == 3
