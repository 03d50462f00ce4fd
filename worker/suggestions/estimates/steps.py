"""Bounds as people would write them: rounded outward to a step of the column."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from worker.suggestions.column import Column

__all__ = ["day_of", "moment_of", "number_of", "step_of"]

_MOST_PLACES = 9
_DIGITS = 2
"""Digits of the width of a range that its bounds keep."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def step_of(column: Column, numbers: NDArray[np.float64], width: float) -> Decimal:
    """Return the step to which bounds of the numbers are rounded.

    It is a power of ten, at least the column's own step, and small beside the width.
    """
    kind = column.values.type
    if pa.types.is_integer(kind):
        least = 0
    elif pa.types.is_decimal(kind):
        least = -min(_places(numbers), max(kind.scale, 0))
    else:
        least = -_places(numbers)
    coarse = math.floor(math.log10(width)) - _DIGITS if width > 0 else least
    return Decimal(1).scaleb(max(least, coarse))


def number_of(column: Column, bound: float, step: Decimal, *, up: bool) -> Any:
    """Return a bound in the column's type, rounded outward to the step."""
    rounding = ROUND_CEILING if up else ROUND_FLOOR
    # Half a millionth of a step is the noise of doubles.
    steps = Decimal(bound) / step
    nearest = steps.to_integral_value()
    if abs(steps - nearest) > Decimal("1e-6"):
        nearest = steps.to_integral_value(rounding)
    found = nearest * step
    kind = column.values.type
    if pa.types.is_integer(kind):
        return int(found)
    return found.quantize(step) if pa.types.is_decimal(kind) else float(found)


def day_of(days: float) -> str:
    """Return days since 1970 as a date, the earlier one of two."""
    return (date(1970, 1, 1) + timedelta(days=math.floor(days))).isoformat()


def moment_of(microseconds: float) -> str:
    """Return microseconds since 1970 as a moment in the form in which DQX writes it."""
    moment = _EPOCH + timedelta(microseconds=math.floor(microseconds))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")


def _places(numbers: NDArray[np.float64]) -> int:
    """Return how many decimal places the numbers have, up to nine."""
    some = numbers[:: max(1, len(numbers) // 1000)]
    for places in range(_MOST_PLACES):
        scaled = some * 10.0**places
        if np.allclose(scaled, np.round(scaled), rtol=0, atol=1e-6 * max(1.0, 10.0 ** (places - 6))):
            return places
    return _MOST_PLACES
