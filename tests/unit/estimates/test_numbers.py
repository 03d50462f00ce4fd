"""Bounds of numbers and dates: beyond the extremes, rounded, and not widened by outliers."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.estimates.columns import arguments, column, estimated, failing
from worker.estimates.bounds import WIDE, WIDEST, at_least_zero, bounds_of, far_bounds
from worker.estimates.dates import not_before, not_far_in_future, not_in_future
from worker.estimates.estimate import Estimator
from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind
from worker.ranges.drift import Drift
from worker.ranges.outliers import without_outliers
from worker.ranges.tail import upper_tail

_RNG = np.random.default_rng(24)
_MEASURE = bounds_of(ColumnKind.MEASURE)
_NORMAL = _RNG.normal(500, 20, 1000)
_NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def _bounds(of: Column, kind: ColumnKind = ColumnKind.MEASURE) -> tuple[object, object]:
    found = arguments(bounds_of(kind), of)
    assert found is not None
    return found["min_limit"], found["max_limit"]


def _argument(name: str, estimator: Estimator, of: Column) -> Any:
    found = arguments(estimator, of)
    assert found is not None
    return found[name]


def test_bounds_lie_beyond_the_extremes_in_the_step_of_the_column() -> None:
    low, high = _bounds(column(_NORMAL.round(1)))

    assert isinstance(low, float)
    assert isinstance(high, float)
    assert _NORMAL.min() - 120 < low < _NORMAL.min()
    assert _NORMAL.max() < high < _NORMAL.max() + 120
    assert (low, high) == (round(low), round(high))


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        (pa.int16(), int),
        (pa.float32(), float),
        (pa.float64(), float),
        (pa.decimal128(12, 2), Decimal),
    ],
)
def test_bounds_have_the_type_of_the_column(kind: pa.DataType, of: type) -> None:
    values = column([of(round(one)) for one in _NORMAL], kind)

    assert [type(one) for one in _bounds(values)] == [of, of]


def test_the_more_rows_are_expected_beyond_a_bound_the_narrower_it_is() -> None:
    narrow, wide = (
        estimated(bounds_of(ColumnKind.MEASURE, one), column(_NORMAL)) for one in (0.01, WIDE)
    )

    assert narrow is not None
    assert wide is not None
    assert narrow.arguments["max_limit"] < wide.arguments["max_limit"]
    assert narrow.expected > wide.expected


def test_few_numbers_and_infinite_ones_give_no_bounds() -> None:
    assert arguments(_MEASURE, column(_NORMAL[:29])) is None
    assert arguments(_MEASURE, column([*_NORMAL, np.inf])) is None
    assert arguments(_MEASURE, column([*_NORMAL, np.nan])) is None
    assert arguments(_MEASURE, column(["1"] * 100)) is None


def test_numbers_that_reach_down_to_zero_are_not_negative() -> None:
    amounts = column(_RNG.lognormal(3, 1, 1000).round(2))

    assert _bounds(amounts, ColumnKind.AMOUNT)[0] == 0
    assert _bounds(column(-_RNG.lognormal(3, 1, 1000).round(2)), ColumnKind.AMOUNT)[1] == 0
    # A measure has to come closer.
    assert _bounds(column(_RNG.uniform(20, 100, 1000)))[0] != 0


@pytest.mark.parametrize(
    ("name", "kind", "values", "bounds"),
    [
        ("month", ColumnKind.CATEGORY, range(2, 11), (1, 12)),
        ("weekday", ColumnKind.CATEGORY, range(1, 6), (0, 7)),
        ("pickup_latitude", ColumnKind.COORDINATE, [-40.5, 60.25], (-90, 90)),
        ("share", ColumnKind.SHARE, [0.25, 0.5], (0, 1)),
        ("share", ColumnKind.SHARE, [3.5, 70.0], (0, 100)),
    ],
)
def test_natural_bounds(
    name: str, kind: ColumnKind, values: list[float], bounds: tuple[float, float]
) -> None:
    many = column(list(values) * 50, name=name)

    assert _bounds(many, kind) == bounds


def test_values_deny_natural_bounds() -> None:
    assert _bounds(column([1, 2, 3, 4, 40] * 30, name="month"), ColumnKind.COUNT) != (1, 12)
    assert _bounds(column([1, 2, 3] * 30, name="month"), ColumnKind.COUNT) != (1, 12)


@pytest.mark.parametrize(
    ("name", "oldest", "greatest"),
    [
        ("age", 86, 120),
        ("age_years", 86, 120),
        ("reach", 86, None),
        ("age_days", 86, None),
        ("age", 300, None),
    ],
)
def test_people_do_not_live_for_ever(name: str, oldest: int, greatest: int | None) -> None:
    ages = [*range(oldest // 2), *[oldest // 2] * 400, *range(oldest // 2, oldest, 8), oldest]
    high = _bounds(column(ages, name=name))[1]

    assert isinstance(high, int)
    assert high == greatest if greatest else high != 120


def test_counts_of_which_many_are_one_are_never_zero() -> None:
    rounds = column([*range(1, 39)] * 40, name="round")
    few = column([1, *range(2, 39)] * 20, name="round")

    assert _bounds(rounds, ColumnKind.COUNT)[0] == 1
    assert _argument("min_limit", far_bounds(), rounds) == 1
    assert _bounds(few, ColumnKind.COUNT)[0] == 0


def test_the_reason_for_a_bound_says_where_it_lies() -> None:
    scale = estimated(bounds_of(ColumnKind.MEASURE), column([2, *[3, 4] * 300, *[9] * 600]))

    assert scale is not None
    assert scale.arguments["max_limit"] == 9
    assert scale.reason.endswith(
        "; the upper one is a value that many rows have, and none lies beyond it."
    )
    spread = estimated(bounds_of(ColumnKind.MEASURE), column(_NORMAL))
    assert spread is not None
    assert spread.reason.startswith("Each bound lies beyond what was seen")


def test_a_few_numbers_beyond_a_scale_are_findings() -> None:
    rated = [1, 2, 3, 4, 5] * 200
    tolerant = bounds_of(ColumnKind.CATEGORY, WIDEST, 0.03)

    assert failing(tolerant, column([*rated, 6, 6], name="rating")) == [6]
    assert failing(tolerant, column([*rated, 6, 6], name="x")) == []
    assert failing(tolerant, column([*rated, *[6] * 5], name="rating")) == []
    assert failing(tolerant, column([*rated, *range(6, 11)], name="rating")) == []


def test_numbers_that_move_on_have_room_to_do_so() -> None:
    values = column(_NORMAL)
    reach = _NORMAL.max() - np.median(_NORMAL)

    for drift, room in ((Drift.ROUND, 2), (Drift.ONE_WAY, 3)):
        found = arguments(bounds_of(ColumnKind.MEASURE, drift=drift), values)
        assert found is not None
        assert found["max_limit"] == pytest.approx(_NORMAL.max() + room * reach, rel=0.02)
    shares = column(np.linspace(0.2, 0.7, 1000), name="rate")
    assert _bounds(shares, ColumnKind.SHARE) == (0, 1)
    found = arguments(bounds_of(ColumnKind.SHARE, drift=Drift.ONE_WAY), shares)
    assert found is not None
    assert found["max_limit"] > 1.2


def test_at_least_zero() -> None:
    assert arguments(at_least_zero, column(range(100))) == {"limit": 0}
    assert arguments(at_least_zero, column(range(-1, 100))) is None


def test_outliers_do_not_widen_a_tolerant_range() -> None:
    wrong = [50_000.0, -9_999.0, 48_000.0]
    values = column([*_NORMAL, *wrong])

    assert failing(bounds_of(ColumnKind.MEASURE, WIDE, 0.03), values) == wrong
    assert failing(_MEASURE, values) == []
    # A number that occurs often is no slip.
    frequent = column([*_NORMAL, *[9_999.0] * 20])
    assert failing(bounds_of(ColumnKind.MEASURE, WIDE, 0.03), frequent) == []


@pytest.mark.parametrize("seed", range(40))
def test_no_outlier_is_found_in_clean_numbers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for numbers in (rng.normal(0, 1, 800), rng.lognormal(0, 1, 800), rng.uniform(0, 1, 800)):
        assert len(without_outliers(np.sort(numbers), 0.03)) == 800


def test_the_heavier_a_tail_the_farther_the_bound() -> None:
    numbers = [np.sort(one) for one in (_RNG.uniform(0, 1, 2000), _RNG.exponential(1, 2000))]
    tails = [upper_tail(one / one[-1]) for one in [*numbers, np.sort(_RNG.pareto(1.2, 2000))]]

    bounds = [one.bound(2000, 0.01) for one in tails if one is not None]

    assert len(bounds) == 3
    assert bounds == sorted(bounds)
    assert bounds[0] < 1.2


@pytest.mark.parametrize("seed", range(20))
def test_a_bound_of_a_tail_and_the_rows_expected_beyond_it_agree(seed: int) -> None:
    tail = upper_tail(np.sort(np.random.default_rng(seed).exponential(3, 500)))

    assert tail is not None
    bound = tail.bound(500, 0.01)
    assert tail.expected(500, bound) == pytest.approx(0.01) or bound == tail.greatest
    assert tail.expected(500, bound + 1) <= tail.expected(500, bound) <= 0.0100001


def test_rounded_numbers_have_no_end_where_steps_end() -> None:
    coarse = upper_tail(np.sort(_RNG.exponential(3, 1000).round()))

    assert coarse is not None
    assert coarse.greatest + 1 < coarse.bound(1000, 0.01) < 3 * coarse.greatest


@pytest.mark.parametrize("seed", range(60))
def test_no_row_fails_a_strict_estimate_of_its_own(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, scale = int(rng.integers(30, 400)), 10.0 ** rng.integers(-6, 18)
    numbers = rng.choice([rng.normal(0, scale, size), rng.lognormal(1, 2, size) * scale])
    digits = int(rng.integers(0, 5))
    columns = [
        column(numbers),
        column(numbers, pa.float32()),
        column(numbers.round(digits)),
        column((numbers.round(digits) * 3).astype(np.float32)),
        column(numbers.astype(np.int64)),
        column(
            [Decimal(repr(float(one))).quantize(Decimal("1E-9")) for one in numbers],
            pa.decimal128(38, 9),
        ),
    ]
    for one in columns:
        for estimator in (_MEASURE, bounds_of(ColumnKind.AMOUNT, WIDE), at_least_zero):
            found = estimated(estimator, one)
            assert found is None or not found.failing(one).any()
        tolerant = estimated(bounds_of(ColumnKind.MEASURE, WIDE, 0.03), one)
        assert tolerant is None or tolerant.failing(one).mean() <= 0.03


def test_a_sum_of_doubles_lies_within_its_bound() -> None:
    high = 0.1 + 0.2
    values = column([at / 100 for at in range(30)] * 20 + [high] * 60)

    found = estimated(_MEASURE, values)

    assert found is not None
    assert found.arguments["max_limit"] >= high
    assert not found.failing(values).any()


def test_decimals_are_compared_exactly() -> None:
    values = column([Decimal("4.35"), Decimal("0.01"), Decimal("4.36")] * 100, pa.decimal128(9, 2))

    assert values.numbers[:2].tolist() == [4.35, 0.01]
    assert values.outside(Decimal("0.02"), Decimal("4.35"))[:3].tolist() == [False, True, True]


def test_great_whole_numbers_are_compared_exactly() -> None:
    values = column([2**53, 2**53 + 1])

    assert values.outside(0, 2**53).tolist() == [False, True]


def test_numbers_beyond_the_precision_of_doubles_give_no_bounds_that_they_break() -> None:
    assert arguments(_MEASURE, column([2**63 - 2 - at for at in range(1200)])) is None


def test_nan_is_greater_than_any_number() -> None:
    values = column([np.nan, None, 1.0])

    assert values.outside(0.0, 2.0).tolist() == [True, False, False]
    assert values.outside(0.0, np.inf).tolist() == [False, False, False]


def test_bounds_fit_the_type() -> None:
    most = 2**15 - 1
    values = column([most - int(one) for one in _RNG.exponential(50, 1000)], pa.int16())

    assert _bounds(values)[1] == most


_DAYS = [date(2021, 3, 5) + timedelta(days=at) for at in range(400)]


def test_the_first_day_is_rounded_and_the_last_one_free() -> None:
    days = column(_DAYS)
    moments = column([datetime(one.year, one.month, one.day, 5, tzinfo=UTC) for one in _DAYS])

    assert arguments(not_before(), days) == {"limit": "2020-01-01"}
    assert arguments(not_before(), moments) == {"limit": "2020-01-01T00:00:00.000000+0000"}
    assert arguments(not_before(), column(_DAYS[:29])) is None
    assert arguments(not_before(), column(["2021-01-01"] * 100)) is None


def test_a_day_long_ago_does_not_widen_a_tolerant_estimate() -> None:
    wrong = date(1900, 1, 1)

    assert failing(not_before(0.03), column([*_DAYS, wrong])) == [wrong]
    assert arguments(not_before(), column([*_DAYS, wrong])) is None


def test_a_day_in_the_future_is_tolerated_in_few_rows() -> None:
    late = column([*_DAYS, date(2027, 1, 1), None])

    assert arguments(not_in_future(_NOW), column(_DAYS)) == {}
    assert arguments(not_in_future(_NOW), late) is None
    assert failing(not_in_future(_NOW, 0.03), late) == [date(2027, 1, 1)]
    assert arguments(not_in_future(_NOW, 0.001), late) is None
    today = [*_DAYS, _NOW.date()]
    assert failing(not_in_future(_NOW), column(today)) == []


def test_several_numbers_that_lie_close_together_are_a_group_of_their_own() -> None:
    numbers = np.sort(_NORMAL)
    few, group, sentinels = [720.0, 730.0], [720.0, 730.0, 740.0], [99999.0] * 3

    assert without_outliers(np.append(numbers, few), 0.03).max() < 720
    assert without_outliers(np.append(numbers, group), 0.03).max() == 740
    assert without_outliers(np.append(numbers, sentinels), 0.03).max() < 720


def test_a_number_a_little_beyond_the_others_is_no_outlier() -> None:
    # Their tail ends soon, so little is expected beyond it.
    numbers = np.append(np.linspace(-1.7, 1.65, 1800), np.linspace(1.65, 1.7, 200))

    assert without_outliers(np.append(numbers, 2.05), 0.03).max() == 2.05
    assert without_outliers(np.append(numbers, 3.0), 0.03).max() == 1.7


def test_far_bounds_lie_far_beyond_the_extremes() -> None:
    positive, signed = column([1, *[3] * 40, 5]), column([-5, *[0] * 40, 10])

    assert arguments(far_bounds(), positive) == {"min_limit": 0, "max_limit": 13}
    assert arguments(far_bounds(), signed) == {"min_limit": -25, "max_limit": 50}
    assert arguments(far_bounds(), column([-5, *[-3] * 40])) == {"min_limit": -13, "max_limit": 0}
    assert arguments(far_bounds(), column([1.0] * 40 + [math.inf])) is None
    assert arguments(far_bounds(), column([1] * 29)) is None


def test_a_lower_bound_below_zero_needs_a_name_that_says_so() -> None:
    values = np.append(_RNG.normal(60, 18, 3000).clip(8).round(1), 8.0)

    assert _bounds(column(values, name="distance"))[0] == 0
    for name in ("temp", "TMAX", "airTemperature", "net_balance"):
        low = _bounds(column(values, name=name))[0]
        assert isinstance(low, float)
        assert low < 0


def test_a_few_altitudes_below_the_sea_are_right() -> None:
    heights = [*[0] * 200, *range(1, 1500), -42, -54]
    tolerant = bounds_of(ColumnKind.COUNT, tolerated=0.03)

    assert failing(tolerant, column(heights, name="altitude")) == []
    assert failing(tolerant, column(heights, name="seats")) == [-42, -54]


def test_people_may_be_older_than_any_that_was_seen() -> None:
    born = [date(1940, 1, 1) + timedelta(days=at * 30) for at in range(700)]

    assert arguments(not_before(), column(born, name="birth_date")) == {"limit": "1900-01-01"}
    spread = _RNG.normal(0, 6000, 3000).clip(-23_700)
    older = [date(1970, 1, 1) + timedelta(days=int(one)) for one in spread]
    assert arguments(not_before(), column(older, name="born_on")) == {"limit": "1900-01-01"}
    # Houses are older, and so are people of history.
    for dates, name in ((older, "built_on"), ([*older, date(1890, 1, 1)], "born_on")):
        assert _argument("limit", not_before(), column(dates, name=name)) < "1890"
    assert _argument("limit", not_before(), column(born, name="seen")) > "1920"


@pytest.mark.parametrize(("name", "ends"), [("rating", True), ("amount", False)])
def test_a_scale_ends_where_its_greatest_value_does(name: str, ends: bool) -> None:
    found = arguments(bounds_of(ColumnKind.MEASURE), column([1, 2, 3.5, 4, 4.5, 5] * 9, name=name))

    assert found is not None
    assert (found["max_limit"] == 5) == ends


def test_far_bounds_of_what_may_be_negative_are_not_zero() -> None:
    values = [*range(8, 30)] * 9

    assert _argument("min_limit", far_bounds(), column(values, name="temp_c")) < 0
    assert _argument("min_limit", far_bounds(), column(values, name="pieces")) == 0


_AHEAD = [date(2026, 11, 1) + timedelta(days=one) for one in range(400)]


def test_planned_dates_lie_at_most_some_years_ahead() -> None:
    found = estimated(not_far_in_future(_NOW), column(_AHEAD))

    assert found is not None
    assert found.arguments == {"offset": 10 * 365 * 86_400}
    edge = column([date(2036, 11, 25), date(2036, 11, 26), None])
    assert found.failing(edge).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("latest", "years"), [(date(2046, 11, 20), 40), (date(2000, 1, 1), 10), (date(9999, 12, 31), 0)]
)
def test_the_bound_lies_twice_as_far_ahead_as_the_latest_date(latest: date, years: int) -> None:
    found = arguments(not_far_in_future(_NOW), column([latest] * 40))

    assert found == ({"offset": years * 365 * 86_400} if years else None)


def test_a_few_dates_centuries_ahead_are_findings() -> None:
    slips = [date(2226, 1, 1), date(2999, 1, 1)]

    assert failing(not_far_in_future(_NOW, 0.03), column([*_AHEAD, *slips])) == slips
    assert arguments(not_far_in_future(_NOW), column([*_AHEAD, *slips])) is None
    moments = [datetime(one.year, one.month, one.day, tzinfo=UTC) for one in [*_AHEAD, *slips]]
    assert failing(not_far_in_future(_NOW, 0.03), column(moments)) == moments[-2:]
