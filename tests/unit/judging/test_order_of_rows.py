"""What gives the order of a table's rows, and which numbers move on with it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from tests.unit.estimates.columns import column
from worker.judging.order_of_rows import drifts_of, order_of
from worker.kinds.column_kind import ColumnKind, Described
from worker.ranges.drift import Drift, drift_of


def test_the_order_is_that_of_the_moving_date_with_the_most_days() -> None:
    days = [date(2022, 1, 1) + timedelta(days=at % 300) for at in range(600)]
    columns = {
        "id": column(range(600), name="id"),
        "few": column(days[:9] * 66 + days[:6], name="few"),
        "day": column(days, name="day"),
        "gaps": column([*days[:500], *[None] * 100], name="gaps"),
        "month": column([date(2022, 1, 1), date(2022, 2, 1)] * 300, name="month"),
        "name": column([f"n{at}" for at in range(600)], name="name"),
    }
    kinds = dict.fromkeys(columns, Described(ColumnKind.MOVING_DATE, ""))
    kinds |= dict.fromkeys(("id", "name"), Described(ColumnKind.KEY, ""))

    def order(*names: str) -> str | None:
        found = order_of([columns[one] for one in names], kinds)
        return None if found is None else found.path

    assert order(*columns) == "day"
    assert order("few", "id") == "few"
    assert order("id", "gaps", "month", "name") == "id"
    assert order("gaps", "month", "name") is None


@pytest.mark.parametrize(
    ("kind", "values", "is_order"),
    [
        (ColumnKind.YEAR, [2020, 2021, 2022, 2023] * 50, True),
        (ColumnKind.YEAR, [2020, 2021, 2022] * 50, False),
        (ColumnKind.TEXT_DATE, [f"2024-{at % 12 + 1:02}-0{at % 9 + 1}" for at in range(200)], True),
        (
            ColumnKind.TEXT_DATE,
            [f"0{at % 9 + 1}.{at % 12 + 1:02}.2024" for at in range(200)],
            False,
        ),
        (ColumnKind.MEASURE, sorted(range(100)) * 2, False),
        (ColumnKind.MEASURE, [at // 10 for at in range(200)], True),
        (ColumnKind.MEASURE, [*range(199), None], False),
        (ColumnKind.MEASURE, [at // 50 for at in range(200)], False),
    ],
)
def test_years_dates_in_text_and_sorted_numbers_are_an_order(
    kind: ColumnKind, values: list[Any], is_order: bool
) -> None:
    columns = [column(values, name="x"), column([*"ab"] * (len(values) // 2), name="other")]
    kinds = {"x": Described(kind, ""), "other": Described(ColumnKind.CATEGORY, "")}

    assert (order_of(columns, kinds) is not None) == is_order


def test_dates_in_text_are_in_the_order_of_the_days() -> None:
    texts = ["2024-02-01", None, "2023-12-31", "2024-01-15", *["2024-03-01"] * 96]
    found = order_of([column(texts)], {"x": Described(ColumnKind.TEXT_DATE, "")})

    assert found is not None
    assert found.numbers[[2, 3, 0]].tolist() == [1, 2, 3]
    assert np.isnan(found.numbers[1])


def test_what_moves_on_with_the_order() -> None:
    days = [
        date(2022, 1, 1) + timedelta(days=at)
        for at in np.random.default_rng(1).permutation(600).tolist()
    ]
    passed = np.array([(day - date(2022, 1, 1)).days for day in days], dtype=float)
    columns = [
        column(days, name="day"),
        column(passed / 10 + np.sin(passed), name="price"),
        column(10 * np.cos(passed / 95) + np.sin(passed), name="temperature"),
        column(np.sin(passed), name="noise"),
    ]

    assert drifts_of(columns, columns[0]) == {
        "price": Drift.ONE_WAY,
        "temperature": Drift.ROUND,
        "noise": Drift.NONE,
    }
    assert drifts_of(columns, None) == {}


@pytest.mark.parametrize("numbers", [range(99), [1.0] * 500, [np.nan] * 500])
def test_few_numbers_and_equal_ones_do_not_move(numbers: Sequence[float]) -> None:
    assert drift_of(np.array(numbers, dtype=float)) is Drift.NONE
