"""What rules catch of the errors that are put into a column by way of trial."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.estimates.columns import column
from worker.checks.catalogue import function_of
from worker.estimates.arrays import has_elements
from worker.estimates.bounds import at_least_zero, bounds_of
from worker.estimates.dates import not_before, not_in_future
from worker.estimates.decimal_places import decimal_places
from worker.estimates.estimate import Estimator
from worker.estimates.formats import format_of
from worker.estimates.keys import unique
from worker.estimates.lists import allowed_values
from worker.estimates.mostly_filled import mostly_filled
from worker.estimates.shapes import shapes
from worker.judging.catches import Caught, caught_by_dqx, caught_by_estimate
from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind

_NOW = datetime(2026, 11, 28, tzinfo=UTC)
_CODES = column([f"K-{at:04}" for at in range(900)])
_PRICES = column([Decimal(at) / 4 + 100 for at in range(900)], pa.decimal128(9, 2))
_WEIGHTS = column([at / 10 for at in range(900)])
_EXACT_WEIGHTS = column([Decimal(at) / 10 for at in range(900)], pa.decimal128(9, 5))
_DAYS = column([date(2024, 1, 1) + timedelta(days=at % 300) for at in range(900)])
_MAILS = column([f"ann{at}@example.com" for at in range(900)])


def _of(of: Column, estimator: Estimator) -> Caught:
    found = estimator(of, np.ones(of.rows, dtype=bool))
    assert found is not None
    return caught_by_estimate(of, found)


def _by_dqx(of: Column, function: str) -> Caught:
    found = caught_by_dqx(of, function_of(function).check(of.path))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("of", "estimator", "share"),
    [
        # Empty, padded, in other case and in the wrong encoding: of eight.
        (_CODES, shapes(), 4 / 8),
        # Ten times, a thousand times as much, negative, and most in another unit: of seven.
        (_PRICES, bounds_of(ColumnKind.AMOUNT), (3 + 7 / 16) / 7),
        (_PRICES, at_least_zero, 1 / 7),
        # In another unit.
        (_WEIGHTS, decimal_places(), 1 / 7),
        (_EXACT_WEIGHTS, decimal_places(), 1 / 7),
        # Missing, many missing, and the other value: of four.
        (column([True] * 900), allowed_values(), 3 / 4),
        # Zeros: missing, many missing, and negative: of four.
        (column([0] * 900), allowed_values(), 3 / 4),
        (column([0] * 800 + [1] * 20 + [0] * 80), allowed_values(), 3 / 4),
        # Missing, and many missing: of three.
        (column([[1], [2, 3]] * 450), has_elements(), 2 / 3),
        (_DAYS, not_before(), 1 / 5),
        (_DAYS, not_in_future(_NOW), 1 / 5),
        (_CODES, unique(), 1 / 8),
    ],
)
def test_a_rule_catches_a_share_of_the_errors(
    of: Column, estimator: Estimator, share: float
) -> None:
    assert _of(of, estimator).beyond(0) == pytest.approx(share, abs=0.02)


def test_what_others_catch_is_no_gain() -> None:
    shape, filled, text = (
        _of(_CODES, shapes()),
        _by_dqx(_CODES, "is_not_null"),
        _by_dqx(_CODES, "is_not_null_and_not_empty"),
    )

    # A missing value, and many of them.
    assert filled.beyond(shape.bits) == pytest.approx(2 / 8, abs=0.02)
    assert _by_dqx(_CODES, "is_not_empty").beyond(shape.bits) == 0
    assert text.beyond(shape.bits | filled.bits) == 0
    assert filled.beyond(text.bits) == 0
    assert text.beyond(filled.bits) == pytest.approx(1 / 8, abs=0.02)
    mail = _of(_MAILS, format_of(ColumnKind.EMAIL))
    assert _by_dqx(_MAILS, "is_not_empty").beyond(mail.bits) == 0


def test_a_share_of_filled_rows_catches_a_load_that_lacks_many() -> None:
    some = column([*range(990), *[None] * 10])
    share, filled = _of(some, mostly_filled), _by_dqx(some, "is_not_null")

    assert share.beyond(0) > 0
    assert share.beyond(filled.bits) == 0


def test_of_other_checks_it_is_not_known() -> None:
    assert caught_by_dqx(_PRICES, function_of("has_no_outliers").check("x")) is None


@pytest.mark.parametrize(
    "values",
    [
        pa.array([2**62, 2**63 - 1, -(2**63)] * 40),
        pa.array([date(1, 1, 1), date(9999, 12, 31)] * 40),
        pa.array([Decimal("99999.99")] * 90, pa.decimal128(7, 2)),
        pa.array([float("nan"), float("inf"), 0.0] * 40),
        pa.array([b"x"] * 90),
        pa.array([], pa.string()),
        pa.nulls(50, pa.string()),
        pa.array([1, 10**9 + 1], pa.timestamp("ns")),
    ],
    ids=lambda one: str(one.type),
)
def test_errors_that_no_type_holds_are_left_out(values: Any) -> None:
    found = _by_dqx(column(values), "is_not_null")

    assert 0 < found.beyond(0) < 1
