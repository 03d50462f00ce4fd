"""How the values of a column are distributed: the most frequent ones, or a histogram."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.kinds.column import Column

__all__ = ["Distribution", "as_text", "distribution"]

Distribution = Mapping[str, Any]
"""In JSON's types: `rows`, `nulls`, `distinct`, and `values` or `bins`."""

_LISTED = 10
"""Number of values, or of bins."""
_LONGEST = 100
"""Characters of a value."""


def distribution(column: Column) -> Distribution | None:
    """Return how the values of a column are distributed; None for bytes and nested values.

    `values` are the most frequent ones with their counts, if a column has few of them or if they
    are neither numbers nor dates. One that occurs once says nothing of the column and is left out.
    `bins` are equal parts of the range, each with its `count`; NaN and infinities are in none.
    """
    kind = column.values.type
    if pa.types.is_nested(kind) or _is_binary(kind):
        return None
    facts: dict[str, Any] = {
        "rows": len(column.values),
        "nulls": column.values.null_count,
        "distinct": column.distinct,
    }
    # Python has no dates beyond the year 9999.
    with suppress(OverflowError, ValueError):
        if column.distinct > _LISTED and (bins := _bins(column.present)):
            return facts | {"bins": bins}
        return facts | {"values": _most_frequent(column)}
    return facts


def _most_frequent(column: Column) -> Sequence[Mapping[str, Any]]:
    values, counts = column.counts
    few = column.distinct <= _LISTED
    return [
        {"value": as_text(value), "count": int(count)}
        for value, count in zip(values.slice(0, _LISTED).to_pylist(), counts[:_LISTED], strict=True)
        if few or count > 1
    ]


def as_text(value: Any) -> str:
    """Return a value as text of at most 100 characters."""
    match value:
        case bool():
            text = str(value).lower()
        case datetime() | date():
            text = value.isoformat()
        case Decimal():
            text = format(value, "f")
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _bins(values: pa.Array) -> Sequence[Mapping[str, Any]]:
    """Return a histogram of numbers or dates; nothing for other values."""
    kind = values.type
    if pa.types.is_decimal(kind):
        values = values.cast(pa.float64())
    if pa.types.is_date32(kind):
        numbers = values.cast(pa.int32()).to_numpy().astype(np.float64)
    elif pa.types.is_timestamp(kind):
        numbers = values.cast(pa.timestamp("us", kind.tz)).cast(pa.int64()).to_numpy() / 1e6
    elif pa.types.is_integer(kind) or pa.types.is_floating(values.type):
        numbers = pc.cast(values, pa.float64(), safe=False).to_numpy()
    else:
        return ()
    numbers = numbers[np.isfinite(numbers)]
    # Of a range wider than any number no part has a width.
    if not len(numbers) or not math.isfinite(float(numbers.max()) - float(numbers.min())):
        return ()
    counts, edges = np.histogram(numbers, _LISTED)
    bounds = [_bound(kind, float(edge)) for edge in edges]
    return [
        {"from": low, "to": high, "count": int(count)}
        for low, high, count in zip(bounds, bounds[1:], counts, strict=False)
    ]


def _bound(kind: pa.DataType, number: float) -> float | str:
    """Return the bound of a bin: a number, or a date or time as text."""
    if pa.types.is_date32(kind):
        return (datetime(1970, 1, 1) + timedelta(days=number)).isoformat()  # noqa: DTZ001
    if pa.types.is_timestamp(kind):
        return (datetime(1970, 1, 1) + timedelta(seconds=number)).isoformat()  # noqa: DTZ001
    return number
