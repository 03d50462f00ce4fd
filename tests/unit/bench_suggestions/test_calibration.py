"""What a confidence is worth, on guesses whose worth is known."""

import numpy as np
import pytest

from tests.bench_suggestions.calibration import (
    Guess,
    brier_share,
    buckets,
    calibration_error,
    worst_bucket,
)


def _right(count: int) -> list[Guess]:
    """Guesses that come true as often as they say, over many tables."""
    rng = np.random.default_rng(5)
    confidences = rng.random(count)
    return [
        Guess(float(one), bool(rng.random() < one), f"t{at % 20}")
        for at, one in enumerate(confidences)
    ]


def test_a_confidence_that_means_what_it_says_has_hardly_an_error() -> None:
    found = _right(5000)
    assert calibration_error(found) < 0.02
    assert worst_bucket(found).deviation < 3


def test_a_confidence_that_says_too_much_is_off_by_that() -> None:
    found = [Guess(0.9, at % 2 == 0, "t") for at in range(100)]
    assert calibration_error(found) == pytest.approx(0.4)
    assert worst_bucket(found).deviation > 2


def test_guesses_alike_share_what_comes_of_them() -> None:
    """In whichever order they are: a bucket of only those that held would be a chance."""
    found = [Guess(0.5, at < 50, "t") for at in range(100)]
    assert calibration_error(found) == pytest.approx(0.0)


def test_one_number_for_all_is_the_measure_of_the_brier_score() -> None:
    outcomes = [True, True, True, False]
    assert brier_share([Guess(0.75, one, "t") for one in outcomes]) == pytest.approx(1.0)
    assert brier_share([Guess(float(one), one, "t") for one in outcomes]) == pytest.approx(0.0)


def test_buckets_are_of_equal_size() -> None:
    assert [one.size for one in buckets(_right(103))] == [11] * 3 + [10] * 7


def test_tables_that_differ_make_the_error_of_a_bucket_larger() -> None:
    """Guesses of one table are not independent: it fails as a whole."""
    as_tables = [Guess(0.5, table % 2 == 0, f"t{table}") for table in range(4) for _ in range(250)]
    mixed = [Guess(0.5, at % 2 == 0, f"t{at % 4 // 2}") for at in range(1000)]
    assert buckets(as_tables)[0].error > 2 * buckets(mixed)[0].error
