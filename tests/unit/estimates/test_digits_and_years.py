"""Numbers that name things keep their digits, years their centuries."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.estimates.columns import arguments, column, failing
from worker.estimates.digits import digits_of_codes, digits_of_keys
from worker.estimates.estimate import Estimator
from worker.estimates.times_of_day import times_of_day
from worker.estimates.years import years

_RNG = np.random.default_rng(28)
_DRAWN = [10_000, 99_999, *_RNG.integers(10_000, 100_000, 500).tolist()]


@pytest.mark.parametrize(
    ("estimator", "values", "bounds"),
    [
        (digits_of_codes, range(1, 901), (0, 999)),
        (digits_of_codes, range(1200, 9800), (1000, 9999)),
        (digits_of_codes, range(100, 900), (0, 999)),
        (digits_of_codes, [*range(1, 901), 1000], None),
        (digits_of_codes, [-1, *range(1, 901)], None),
        (digits_of_codes, [*range(100)] * 9 + [10**16] * 900, None),
        (digits_of_keys, range(41_000_000, 41_004_000), (10_000_000, 99_999_999)),
        (digits_of_keys, _DRAWN, (10_000, 99_999)),
        (digits_of_keys, range(1, 5000), None),
        (digits_of_keys, range(9_995_000, 9_999_000), None),
        (digits_of_keys, range(1200, 2200), None),
    ],
)
def test_numbers_that_name_things_keep_their_digits(
    estimator: Estimator, values: Sequence[int], bounds: tuple[int, int] | None
) -> None:
    found = arguments(estimator, column(list(values)))

    assert found == (bounds and {"min_limit": bounds[0], "max_limit": bounds[1]})


@pytest.mark.parametrize("estimator", [digits_of_codes, digits_of_keys])
def test_numbers_beyond_the_exact_doubles_have_no_digits_to_keep(estimator: Estimator) -> None:
    assert arguments(estimator, column([1.2e15 + at for at in range(300)])) is None
    assert arguments(estimator, column([1.2e308 + at * 1e304 for at in range(300)])) is None
    assert arguments(estimator, column([1.2e14 + at for at in range(300)])) is not None


def test_numbers_with_a_fraction_have_no_digits_to_keep() -> None:
    assert arguments(digits_of_codes, column([one + 0.5 for one in range(1200, 1300)])) is None


_MINUTES_OF_DAY = [100 * (at // 60) + at % 60 for at in range(0, 1440, 7)]


@pytest.mark.parametrize(
    ("values", "is_time"),
    [
        (_MINUTES_OF_DAY, True),
        ([*_MINUTES_OF_DAY, 2400], True),
        ([*_MINUTES_OF_DAY, 2401], False),
        ([one for one in _MINUTES_OF_DAY if one <= 1200], False),
        (range(0, 2400, 7), False),
        ([517, 1730, 2359] * 40, False),
    ],
)
def test_hours_and_minutes_are_those_of_a_day(values: Sequence[int], is_time: bool) -> None:
    expected = {"min_limit": 0, "max_limit": 2400} if is_time else None

    assert arguments(times_of_day, column(list(values))) == expected
    of_doubles = arguments(times_of_day, column([float(one) for one in values]))
    assert of_doubles == expected
    assert not of_doubles or {type(one) for one in of_doubles.values()} == {float}


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        (range(1956, 2014), (1900, 2100)),
        ([2013] * 40, (1900, 2100)),
        (range(1905, 2085), (1800, 2200)),
        (range(1564, 1700), (1500, 1800)),
        ([2013] * 29, None),
    ],
)
def test_years_keep_their_centuries(values: Sequence[int], bounds: tuple[int, int] | None) -> None:
    found = arguments(years(), column(list(values)))

    assert found == (bounds and {"min_limit": bounds[0], "max_limit": bounds[1]})


def test_the_bounds_of_years_have_the_type_of_the_column() -> None:
    found = arguments(years(), column([2013.0] * 40, pa.float32()))

    assert found is not None
    assert [type(one) for one in found.values()] == [float, float]


def test_a_few_years_far_away_are_findings() -> None:
    many = column([*range(1956, 2014)] * 20 + [0, 20_120])

    assert failing(years(0.03), many) == [0, 20_120]
    assert arguments(years(), column([*range(1956, 2014)] * 20)) == arguments(years(0.03), many)
