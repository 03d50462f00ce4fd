"""Numbers as Spark and Java read and write them."""

import math
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import accumulate

import numpy as np
from pyspark.sql.types import DecimalType

from worker.counting.arithmetic import means

__all__ = ["as_double", "decimal_mean", "distance", "fits"]

_NUMBER = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|(?P<hex>0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+))[fFdD]?",
)
_SPECIAL = {
    "inf": float("inf"),
    "infinity": float("inf"),
    "+inf": float("inf"),
    "+infinity": float("inf"),
    "-inf": float("-inf"),
    "-infinity": float("-inf"),
    "nan": float("nan"),
    # Java's own spellings have signs where Spark's have none.
    "+nan": float("nan"),
    "-nan": float("nan"),
}
_JAVA_ONLY = frozenset({"+nan", "-nan"})
# What Java's trim takes away.
_BLANKS = "".join(map(chr, range(0x21)))
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
_DOUBLE_DIGITS = 15
_MOST_DIGITS = 38
# On its way through Python the other number gets up to two zeros more behind its last digit.
_SPARE_DIGITS = 2


def as_double(text: str) -> float | None:
    """Return what Spark's `try_cast(text AS DOUBLE)` gives; None if that is NULL."""
    text = text.strip(_BLANKS)
    if (found := _NUMBER.fullmatch(text)) is None:
        folded = text.lower()
        if folded in _JAVA_ONLY and not text.endswith("NaN"):
            return None
        return _SPECIAL.get(folded)
    if not found["hex"]:
        return float(text.rstrip("fFdD"))
    try:
        return float.fromhex(text.rstrip("fFdD"))
    except OverflowError:
        return -math.inf if text.startswith("-") else math.inf


def distance(value: Decimal, other: Decimal) -> float:
    """Return how far two decimals are apart."""
    return float(abs(_EXACT.subtract(value, other)))


def fits(kind: DecimalType, other: Decimal) -> bool:
    """Return whether Spark has enough digits for the differences to `other`, and rounds none."""
    scale = max(kind.scale, -int(other.as_tuple().exponent))
    whole = max(kind.precision - kind.scale, other.adjusted() + 1)
    return whole + scale + _SPARE_DIGITS < _MOST_DIGITS


def decimal_mean(unscaled: Sequence[int], kind: DecimalType) -> Decimal:
    """Return Spark's `avg` of at least one decimal of the type `kind`, without their points.

    Where the result has at most 15 digits Spark adds the unscaled values up in floating point.
    Raises `OverflowError` if the mean has too many digits, and Spark raises, or a sum on the
    way to it, and whether Spark raises depends on how it runs.
    """
    digits = Decimal(1).scaleb(-min(kind.scale + 4, _MOST_DIGITS))
    if kind.precision + 4 <= _DOUBLE_DIGITS:
        (total,) = means([np.array(unscaled, dtype=np.float64)])
        mean = (total or 0.0) / 10.0**kind.scale
        return Decimal(repr(mean)).quantize(digits, context=_EXACT)
    if kind.precision + 10 > _MOST_DIGITS and any(
        abs(total) >= 10**_MOST_DIGITS for total in accumulate(unscaled)
    ):
        raise OverflowError
    exact = Decimal(sum(unscaled)).scaleb(-kind.scale, _EXACT)
    rounded = _EXACT.divide(exact, Decimal(len(unscaled))).quantize(digits, context=_EXACT)
    _check(rounded, -digits.adjusted())
    return rounded


def _check(value: Decimal, scale: int) -> None:
    if value and value.adjusted() >= _MOST_DIGITS - scale:
        raise OverflowError
