"""Columns of all types and of extreme values: each is described, and soon."""

import warnings
from datetime import time as time_of_day
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.kinds.values import described, kind_of
from worker.kinds.column import Column
from worker.kinds.column_kind import ColumnKind
from worker.kinds.describe import describe

_NAN, _INFINITY = float("nan"), float("inf")
_RAW = [b"\xed\xa0\x80", b"\xff\xfe", b"fine\x00"]
"""A lone surrogate, no UTF-8 at all, and a NUL."""


def _as_text(raw: list[bytes]) -> pa.Array:
    return pa.Array.from_buffers(pa.string(), len(raw), pa.array(raw, pa.binary()).buffers())


_COLUMNS = {
    "no rows": (pa.array([], pa.int64()), ColumnKind.EMPTY),
    "nulls": (pa.array([None] * 50, pa.string()), ColumnKind.EMPTY),
    "no type": (pa.nulls(50), ColumnKind.EMPTY),
    "nulls of a dictionary": (
        pa.array([None] * 4, pa.dictionary(pa.int32(), pa.string())),
        ColumnKind.EMPTY,
    ),
    "runs of nulls": (
        pa.RunEndEncodedArray.from_arrays(pa.array([9]), pa.array([None], pa.string())),
        ColumnKind.EMPTY,
    ),
    "NaN alone": (pa.array([_NAN] * 40), ColumnKind.EMPTY),
    "NaN and infinities": (pa.array([_NAN, _INFINITY, -_INFINITY, 2.5] * 40), ColumnKind.CONSTANT),
    "one text": (pa.array(["word"]), ColumnKind.FREE_TEXT),
    "one number": (pa.array([1.5]), ColumnKind.MEASURE),
    "lists": (pa.array([[1], None, [2, 3]]), ColumnKind.OTHER),
    "structs": (pa.array([{"a": 1}] * 3), ColumnKind.OTHER),
    "maps": (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), ColumnKind.OTHER),
    "times of day": (pa.array([time_of_day(1, 2)] * 30), ColumnKind.OTHER),
    "spans": (pa.array([timedelta(days=1)] * 30), ColumnKind.DURATION),
    "bytes": (pa.array([b"\x00"] * 30), ColumnKind.BINARY),
    "views of bytes": (pa.array([b"\x00"] * 30, pa.binary_view()), ColumnKind.BINARY),
    "booleans": (pa.array([True, None, False] * 30), ColumnKind.FLAG),
    "one boolean": (pa.array([True] * 30), ColumnKind.CONSTANT),
    "a dictionary": (pa.array(["a b", "c d"] * 30).dictionary_encode(), ColumnKind.CATEGORY),
    "views of texts": (pa.array(["a b", "c d"] * 30, pa.string_view()), ColumnKind.CATEGORY),
    "runs": (
        pa.RunEndEncodedArray.from_arrays(pa.array([20, 40]), pa.array(["a b", "c d"])),
        ColumnKind.CATEGORY,
    ),
    "half floats": (pa.array(np.array([1, 2.5] * 40, np.float16)), ColumnKind.CATEGORY),
    "huge decimals": (
        pa.array([Decimal("9" * 70), Decimal(1), Decimal(2)] * 30, pa.decimal256(76, 5)),
        ColumnKind.CATEGORY,
    ),
    "the greatest integers": (
        pa.array(range(2**64 - 100, 2**64), pa.uint64()),
        ColumnKind.MEASURE,
    ),
    "the greatest floats": (
        pa.array([one * 1e306 for one in range(-170, 170)]),
        ColumnKind.MEASURE,
    ),
    "the farthest times": (
        pa.array([-(2**63), 2**63 - 1] * 30, pa.int64()).cast(pa.timestamp("us")),
        ColumnKind.DATE,
    ),
    "no UTF-8": (_as_text(_RAW * 30), ColumnKind.CATEGORY),
    "blank": (pa.array(["", " "] * 30), ColumnKind.CATEGORY),
}


@pytest.mark.parametrize("name", _COLUMNS)
def test_columns_of_all_types_are_described(name: str) -> None:
    values, kind = _COLUMNS[name]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = described("x", values)

    assert found.kind == kind
    assert found.reason


def test_json_that_is_too_deep_is_text() -> None:
    assert kind_of("x", ["[" * 4_900 + "]" * 4_900, "plain"]) == ColumnKind.FREE_TEXT


def test_long_texts_are_text() -> None:
    column = Column("x", pa.array([f"{at}" + "x" * 10_000 for at in range(10_000)]))

    assert describe(column).kind == ColumnKind.FREE_TEXT
