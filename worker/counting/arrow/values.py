"""The values of Arrow arrays as Spark casts, orders and collects them."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql.types import DataType, DecimalType

from worker.counting.arithmetic import ranks_of
from worker.counting.arrow.numerals import as_double
from worker.counting.precomputed_frame import UnknownCall

__all__ = [
    "Floats",
    "as_doubles",
    "as_floats",
    "hashable",
    "in_python",
    "integer",
    "percentiles",
    "read_numbers",
    "unscaled",
]

Floats = NDArray[np.float64]

_GREATEST_LONG = 2**63 - 1
# Integers below, and powers of ten up to, which doubles hold without rounding.
_EXACT, _EXACT_POWER = 2**53, 22
# What Arrow reads as Java does, and how all begins that may be read as a number.
_PLAIN_NUMBER = r"^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$"
_PERHAPS_A_NUMBER = r"^[\x00-\x20]*[-+.0-9iInN]"


def as_doubles(values: pa.Array, kind: DataType) -> Floats:
    """Return numbers as Spark's cast to double gives them."""
    if not isinstance(kind, DecimalType):
        return as_floats(values)
    low, high = _words(values)
    exactly = (high == low >> 63) & (low > -_EXACT) & (low < _EXACT)
    if kind.scale <= _EXACT_POWER and exactly.all():
        exact: Floats = low / 10.0**kind.scale
        return exact
    # Python rounds the quotient of two integers once, as Java does that of a decimal.
    return np.array([one / 10**kind.scale for one in unscaled(values)], dtype=np.float64)


def _words(values: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the lower and the upper halves of decimals of 128 bits."""
    words = np.frombuffer(values.buffers()[1] or b"", dtype=np.int64)
    words = words[2 * values.offset : 2 * (values.offset + len(values))]
    return words[::2], words[1::2]


def unscaled(values: pa.Array) -> list[int]:
    """Return decimals of 128 bits without their points."""
    low, high = _words(values)
    if (high == low >> 63).all():
        small: list[int] = low.tolist()
        return small
    halves = zip(low.view(np.uint64).tolist(), high.tolist(), strict=True)
    return [(upper << 64) + lower for lower, upper in halves]


def read_numbers(texts: pa.Array) -> tuple[NDArray[np.bool_], Floats]:
    """Return which texts Spark reads as numbers, and the numbers."""
    known, doubles = np.zeros(len(texts), dtype=np.bool_), np.zeros(len(texts))
    perhaps = pc.match_substring_regex(texts, _PERHAPS_A_NUMBER).to_numpy(zero_copy_only=False)
    if not perhaps.any():
        return known, doubles
    plain = pc.match_substring_regex(texts, _PLAIN_NUMBER).to_numpy(zero_copy_only=False)
    known[plain] = True
    doubles[plain] = texts.filter(pa.array(plain)).cast(pa.float64()).to_numpy()
    for index in np.flatnonzero(perhaps & ~plain):
        number = as_double(texts[int(index)].as_py())
        if number is not None:
            known[index], doubles[index] = True, number
    return known, doubles


def as_floats(values: pa.Array) -> Floats:
    """Return numbers that are no decimals, or days or microseconds, as doubles."""
    floats: Floats = values.to_numpy(zero_copy_only=False).astype(np.float64)
    return floats


def percentiles(numbers: Floats, percentages: tuple[float, ...]) -> list[float | None]:
    """Return Spark's `percentile_approx`, see `ranks_of`; None if there is no number."""
    if not len(numbers):
        return [None] * len(percentages)
    ordered = np.sort(numbers)
    if not numbers.all():
        # Java sorts negative zeros before the others.
        first, last = np.searchsorted(ordered, 0.0, "left"), np.searchsorted(ordered, 0.0, "right")
        zeros = ordered[first:last]
        zeros[:] = zeros[np.argsort(~np.signbit(zeros), kind="stable")]
    if len(ordered) > 1 and np.isnan(ordered[1]):
        # Spark drops the least number if it is not less than the next one, and none is than NaN.
        ordered[0] = np.nan
    return [float(ordered[rank]) for rank in ranks_of(percentages, len(numbers))]


def integer(value: float) -> int:
    """Return what Java makes of a number beyond the greatest long: that one."""
    return min(int(value), _GREATEST_LONG)


def in_python(values: pa.Array) -> list[Any]:
    """Return the values as Spark collects them. Raises `UnknownCall` if Python has none."""
    try:
        found: list[Any] = values.to_pylist()
    except (OverflowError, ValueError) as error:
        raise UnknownCall("dates beyond Python's") from error
    return found


def hashable(value: Any) -> Any:
    """Return a nested value so that those are equal that Spark holds for equal."""
    match value:
        case dict():
            return tuple(hashable(one) for one in value.values())
        # A map: its keys come in any order, and in a file a key may come twice.
        case [tuple(), *_]:
            pairs: dict[Any, tuple[Any, ...]] = {}
            for name, one in value:
                key = hashable(name)
                pairs[key] = (*pairs.get(key, ()), hashable(one))
            return frozenset(pairs.items())
        case list():
            return tuple(hashable(one) for one in value)
        case float() if math.isnan(value):
            return "NaN", None
    return value
