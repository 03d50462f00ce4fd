"""Numbers with few decimal places, such as amounts of money with cents."""

from collections.abc import Sequence
from decimal import Context, Decimal

import numpy as np
import pyarrow as pa

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Counts, Flags

__all__ = ["MEASURED", "MONEY", "WHOLE", "WRITTEN", "decimal_places"]

_FEWEST = 100
_ANY = (0, 1, 2, 3)
"""Limits. Numbers of more places may well have one more."""
MONEY = (0, 2, 3)
"""An amount of 12.5 stands for 12.50: one place is no limit."""
WHOLE = (0,)
MEASURED = (1, 2)
"""An instrument shows one or two places; more come from a unit, and none may be chance."""
WRITTEN = 0.5
"""The least share of measured numbers with as many places as any."""
_REACHED = 0.05
"""The same for other numbers."""
_COUNTED = 5
"""A number of more places, in a column where others have few, was calculated and not entered."""
_MANY = 99
"""Stands for more places, and for those of NaN and infinities."""
_ANY_DIGITS = Context(prec=76)
"""Of the widest decimals; by default, digits beyond the 28th are rounded away."""
_NOISE = 1e-9
"""Of a number: the last digit of a sum of doubles says nothing."""
_EXACT = {np.dtype(np.float64): 2.0**50, np.dtype(np.float32): 2.0**22}
"""Up to these, a number times a power of ten is exact enough to be recognised."""


def decimal_places(
    tolerated: float = 0.0, limits: Sequence[int] = _ANY, reached: float = _REACHED
) -> Estimator:
    """Return the estimator of the most decimal places of numbers: one of the limits.

    At least such a share of the numbers has as many places as any, which shows that they are
    written so. A `tolerated` share of the rows may have far more.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not _may_have_places(column):
            return None
        times = column.times(rows)
        places = _places(column)
        of_places = np.bincount(places, times, _MANY + 1)
        count = int(times.sum())
        if count < _FEWEST:
            return None
        most = int(np.flatnonzero(np.cumsum(of_places) >= (1 - tolerated) * count)[0])
        beyond = times[places > most].sum()
        limit = next((one for one in limits if one >= most), _MANY)
        if most < limits[0] or limit > _greatest_limit(column) or of_places[most] < reached * count:
            return None
        if beyond and not _are_slips(column, places, times, most):
            return None
        return Estimate(
            "has_num_decimal_places",
            {"limit": limit},
            lambda other: other.where(_places(other) > limit),
            _reason(limit),
            1 / count,
        )

    return estimate


def _may_have_places(column: Column) -> bool:
    kind = column.values.type
    return bool(column.is_number and not column.is_whole and kind != pa.float16())


def _greatest_limit(column: Column) -> int:
    """Return the most places that say something: a type with two has never more."""
    kind = column.values.type
    return min(_ANY[-1], kind.scale - 1) if pa.types.is_decimal(kind) else _ANY[-1]


def _are_slips(column: Column, places: Counts, times: Counts, most: int) -> bool:
    """Return whether numbers with more places have many, and are no noise of doubles."""
    beyond = (places > most) & (times > 0)
    if (places[beyond] <= _COUNTED).any():
        return False
    numbers = Column(column.path, column.different.filter(pa.array(beyond))).numbers
    with np.errstate(invalid="ignore"):
        off = np.abs(numbers - np.round(numbers, most))
        return bool((off > _NOISE * np.maximum(1.0, np.abs(numbers))).all())


def _places(column: Column) -> Counts:
    """Return how many decimal places each different number has, as Spark writes it."""
    kept = column.kept.get(__name__)
    if kept is None:
        of_type = _of_decimals if pa.types.is_decimal(column.values.type) else _of_floats
        kept = column.kept[__name__] = of_type(column)
    found: Counts = kept
    return found


def _of_decimals(column: Column) -> Counts:
    return np.array([_of_one(one) for one in column.different.to_pylist()], dtype=np.int64)


def _of_floats(column: Column) -> Counts:
    numbers = column.different.to_numpy(zero_copy_only=False)
    doubles, most = numbers.astype(np.float64), _EXACT[numbers.dtype]
    found = np.full(len(numbers), _MANY, dtype=np.int64)
    with np.errstate(invalid="ignore", over="ignore"):
        for places in range(_COUNTED + 1):
            scaled = doubles * 10.0**places
            rounded = (np.rint(scaled) / 10.0**places).astype(numbers.dtype)
            has = (found == _MANY) & (rounded == numbers) & (np.abs(scaled) < most)
            found[has] = places
        unsure = (found == _MANY) & (np.abs(doubles) >= most / 10.0**places)
    for at in np.flatnonzero(unsure).tolist():
        # The shortest digits that read back as the number, in its own precision.
        found[at] = _of_one(Decimal(str(numbers[at])))
    return found


def _of_one(number: Decimal) -> int:
    exponent = number.normalize(_ANY_DIGITS).as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else _MANY
    return places if places <= _COUNTED else _MANY


def _reason(most: int) -> str:
    if not most:
        return "No number has a fraction."
    return f"No number has more than {most} decimal place{'' if most == 1 else 's'}."
