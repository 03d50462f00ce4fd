"""Distributions of columns: few values are listed, many numbers and dates are binned."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from worker.kinds.column import Column
from worker.suggestions.distribution import distribution


def of(values: list[Any], kind: pa.DataType | None = None) -> dict[str, Any]:
    found = distribution(Column("c", pa.array(values, kind)))
    assert found is not None
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return dict(found)


def test_few_values_are_listed_with_the_most_frequent_first() -> None:
    assert of(["EWR", "JFK", None, "EWR"]) == {
        "rows": 4,
        "nulls": 1,
        "distinct": 2,
        "values": [{"value": "EWR", "count": 2}, {"value": "JFK", "count": 1}],
    }
    assert of([True, True, False])["values"][0] == {"value": "true", "count": 2}
    assert of([Decimal("1E-7")])["values"] == [{"value": "0.0000001", "count": 1}]


def test_of_many_texts_those_that_occur_once_are_left_out() -> None:
    found = of([*map(str, range(20)), "7", "é" * 200, "é" * 200])
    assert found["distinct"] == 21
    assert found["values"] == [
        {"value": "7", "count": 2},
        {"value": "é" * 99 + "…", "count": 2},
    ]


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.int64(), pa.uint16(), pa.float32(), pa.decimal128(10, 2)]
)
def test_many_numbers_are_binned(kind: pa.DataType) -> None:
    found = of([None, *range(101)], kind)
    assert "values" not in found
    assert [one["count"] for one in found["bins"]] == [10] * 9 + [11]
    assert (found["bins"][0]["from"], found["bins"][-1]["to"]) == (0, 100)


def test_nan_and_infinities_are_in_no_bin() -> None:
    found = of([float("nan"), float("inf"), float("-inf"), *map(float, range(20))])
    assert sum(one["count"] for one in found["bins"]) == 20
    # The range of these is more than a number can hold.
    assert "bins" not in of([-1.7e308, 1.7e308, *map(float, range(20))])


def test_dates_and_times_are_binned_by_text() -> None:
    first = date(2024, 1, 1)
    days = of([first + timedelta(days=number) for number in range(21)])["bins"]
    assert (days[0]["from"], days[-1]["to"]) == ("2024-01-01T00:00:00", "2024-01-21T00:00:00")
    moments = [datetime(2024, 1, 1, hour, tzinfo=UTC) for hour in range(21)]
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        bins = of(moments, kind)["bins"]
        assert (bins[0]["from"], bins[0]["to"]) == ("2024-01-01T00:00:00", "2024-01-01T02:00:00")
    # Spark's first and last year.
    assert (
        len(
            of([date(1, 1, 1), date(9999, 12, 31), *(first + timedelta(n) for n in range(20))])[
                "bins"
            ]
        )
        == 10
    )


def test_dates_that_python_does_not_know_are_counted_alone() -> None:
    far = pa.array([4_000_000, *range(20)], pa.int32()).cast(pa.date32())
    counted = {"rows": 21, "nulls": 0, "distinct": 21}
    assert distribution(Column("c", far)) == counted
    assert distribution(Column("c", far[:1])) == {"rows": 1, "nulls": 0, "distinct": 1}


def test_a_column_without_values_has_counts_alone() -> None:
    assert of([None, None], pa.string()) == {"rows": 2, "nulls": 2, "distinct": 0, "values": []}


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.large_binary(), pa.list_(pa.int64()), pa.map_(pa.string(), pa.int64())]
)
def test_bytes_and_nested_values_have_none(kind: pa.DataType) -> None:
    assert distribution(Column("c", pa.array([None], kind))) is None
