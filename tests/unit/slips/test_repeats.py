"""Values that repeat by chance are no key, and their repeats no errors."""

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.estimates.columns import arguments, column, estimated, failing
from worker.estimates.keys import unique
from worker.slips.repeats import expected_repeats, is_chance

_RNG = np.random.default_rng(7)
_SIX_DIGITS = [f"{one:06}" for one in _RNG.integers(0, 1_000_000, 7000)]
_SERIES = [f"K-{one:05}" for one in range(7000)]


def test_codes_drawn_at_random_have_no_repeats_that_are_errors() -> None:
    repeats = len(_SIX_DIGITS) - len(set(_SIX_DIGITS))

    assert repeats > 10
    assert expected_repeats(column(_SIX_DIGITS), 7000) == pytest.approx(24.5)
    assert arguments(unique(0.03), column(_SIX_DIGITS)) is None
    numbers = column([int(one) for one in _SIX_DIGITS])
    assert arguments(unique(0.03), numbers) is None


def test_texts_that_are_no_utf_8_repeat_by_chance_like_others() -> None:
    raw = pa.array([one.encode() + b"\xff" for one in _SIX_DIGITS], pa.binary())
    texts = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())

    assert expected_repeats(column(texts), 7000) == pytest.approx(24.5)


def test_repeats_in_a_series_are_errors() -> None:
    assert failing(unique(0.03), column([*_SERIES, "K-00007"])) == ["K-00007"]
    assert failing(unique(0.03), column([*range(7000), 7])) == [7]
    long = [f"{one:016x}" for one in _RNG.integers(0, 2**62, 7000).tolist()]
    assert failing(unique(0.03), column([*long, long[3]])) == [long[3]]


def test_codes_that_did_not_repeat_yet_may_do_so() -> None:
    drawn = column([f"{one:08}" for one in {*_RNG.integers(0, 10**8, 7000).tolist()}])
    found = estimated(unique(), drawn)

    assert found is not None
    assert found.expected == pytest.approx(0.49, rel=0.01)
    series = estimated(unique(), column(_SERIES))
    assert series is not None
    assert series.expected == 0.001


@pytest.mark.parametrize(
    ("repeats", "expected", "chance"),
    [
        (0, 0.0, True),
        (1, 0.0001, False),
        (1, 0.5, True),
        (5, 0.5, False),
        (0, 24.5, False),
        (18, 24.5, True),
        (45, 24.5, False),
        (2400, 2500.0, True),
        (15, 2500.0, False),
    ],
)
def test_chance_is_neither_far_above_nor_far_below(
    repeats: int, expected: float, chance: bool
) -> None:
    assert is_chance(repeats, expected) == chance
