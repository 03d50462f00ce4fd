"""Bounds as people would write them: rounded outward to a step of the column."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext

import numpy as np
import pyarrow as pa

from worker.kinds.column import Bound, Column, Numbers

__all__ = ["day_of", "moment_of", "number_of", "step_of"]

_MOST_PLACES = 9
_DIGITS = 2
"""Digits of the width of a range that its bounds keep."""
_NOISE = Decimal("1e-6")
"""The noise of doubles, in steps."""
_LOOKED_AT = 1000
"""Numbers of which the decimal places are counted."""
_EXACT = Context(prec=400)
"""Has room for each double, and each decimal of Spark."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def step_of(column: Column, numbers: Numbers, width: float) -> Decimal:
    """Return the step to which bounds of the numbers are rounded.

    It is a power of ten, at least the column's own step, and small beside the width.
    """
    coarse = math.floor(math.log10(width)) - _DIGITS if width > 0 else -_MOST_PLACES
    least = 0 if column.is_whole else -_places(numbers, min(_MOST_PLACES, max(0, -coarse)))
    if pa.types.is_decimal(column.values.type):
        least = max(least, -max(column.values.type.scale, 0))
    return Decimal(1).scaleb(max(least, coarse))


def number_of(column: Column, bound: float, step: Decimal, *, up: bool) -> Bound:
    """Return a bound in the column's type, rounded outward to the step.

    It is at most the greatest number that the type can hold, at least the least.
    """
    kind = column.values.type
    with localcontext(_EXACT):
        found = _rounded(bound, step, up=up)
        if pa.types.is_floating(kind):
            return float(found)
        least, greatest = _limits(kind)
        kept = min(max(found.quantize(min(step, Decimal(1))), least), greatest)
        return int(kept) if column.is_whole else kept


def _rounded(bound: float, step: Decimal, *, up: bool) -> Decimal:
    steps = Decimal(bound) / step
    found = steps.to_integral_value() * step
    lets_pass = float(found) >= bound if up else float(found) <= bound
    if lets_pass and abs(found - Decimal(bound)) <= _NOISE * step:
        return found
    return steps.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * step


def _limits(kind: pa.DataType) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest number of a type of whole numbers or decimals."""
    if pa.types.is_decimal(kind):
        greatest = (Decimal(10) ** kind.precision - 1).scaleb(-kind.scale)
        return -greatest, greatest
    signed = pa.types.is_signed_integer(kind)
    least = Decimal(-(2 ** (kind.bit_width - 1)) if signed else 0)
    return least, least + 2**kind.bit_width - 1


def day_of(days: float) -> str:
    """Return days since 1970 as a date, the earlier one of two."""
    return (date(1970, 1, 1) + timedelta(days=math.floor(days))).isoformat()


def moment_of(microseconds: float) -> str:
    """Return microseconds since 1970 as a moment in the form in which DQX writes it."""
    moment = _EPOCH + timedelta(microseconds=math.floor(microseconds))
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}+0000"


def _places(numbers: Numbers, most: int) -> int:
    """Return how many decimal places the numbers have, up to so many."""
    some = numbers[:: max(1, len(numbers) // _LOOKED_AT)]
    for places in range(most):
        scaled = some * 10.0**places
        noise = 1e-9 * np.maximum(1.0, np.abs(scaled))
        if (np.abs(scaled - np.round(scaled)) <= noise).all():
            return places
    return most
