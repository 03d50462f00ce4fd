"""Rows with a column of each type, and of each kind of values that types have."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["PLAIN", "typed_rows"]

NUMERALS = (
    "1",
    " 2.5 ",
    "x",
    "1e3d",
    "NaN",
    "Infinity",
    "0x1p3",
    "-inf",
    "+nan",
    "1_0",
    "\u0661",
    "",
)
_2020 = dt.datetime(2020, 1, 1)  # noqa: DTZ001
_1820 = dt.datetime(1820, 1, 1)  # noqa: DTZ001


def typed_rows(rows: int) -> pa.Table:
    random = np.random.default_rng(3)

    def holed(values: list[Any]) -> list[Any]:
        return [None if random.random() < 0.02 else one for one in values]

    def whole(low: int, high: int) -> list[int]:
        return [int(one) for one in random.integers(low, high, rows)]

    def scaled(low: int, high: int, scale: int, kind: Any) -> pa.Array:
        return pa.array(holed([Decimal(one).scaleb(-scale) for one in whole(low, high)]), kind)

    def fractions() -> list[float]:
        return [float(one) for one in random.random(rows)]

    wide = [float(one) for one in random.lognormal(0, 3, rows)]
    texts = ("a", " b", "c ", "", " ")
    infinity, nan = float("inf"), float("nan")
    return pa.table(
        {
            "byte": pa.array(whole(0, 5), pa.int8()),
            "short": pa.array(whole(0, 5), pa.int16()),
            "int": pa.array(holed(whole(-1000, 1000)), pa.int32()),
            "long": pa.array(holed(whole(-(10**17), 10**17)), pa.int64()),
            "float": pa.array(holed([float(np.float32(one)) for one in wide]), pa.float32()),
            "double": pa.array(holed(wide)),
            "with_nan": pa.array(holed([nan if one < 0.1 else one for one in fractions()])),
            "with_infinity": pa.array([infinity if one < 0.02 else one for one in fractions()]),
            "zeros": pa.array([-0.0 if one < 0.5 else 0.0 for one in fractions()]),
            "only_nan": pa.array([nan] * rows),
            "decimal10": scaled(0, 10**7, 2, pa.decimal128(10, 2)),
            "decimal15": scaled(0, 10**12, 2, pa.decimal128(15, 2)),
            "decimal18": scaled(0, 10**17, 18, pa.decimal128(18, 18)),
            "decimal38": scaled(-(10**15), 10**15, 1, pa.decimal128(38, 10)),
            "nothing": pa.array([None] * rows, pa.int32()),
            "constant": pa.array([7] * rows),
            "date": pa.array(holed([(_2020 + dt.timedelta(days=n)).date() for n in whole(0, 999)])),
            "timestamp": pa.array(
                holed([_2020 + dt.timedelta(microseconds=n) for n in whole(0, 10**15)]),
                pa.timestamp("us", tz="UTC"),
            ),
            "timestamp_ntz": pa.array(
                holed([_1820 + dt.timedelta(microseconds=n) for n in whole(0, 10**15)]),
                pa.timestamp("us"),
            ),
            "no_text": pa.array([None] * rows, pa.string()),
            "text": pa.array(holed([texts[n] for n in whole(0, 5)])),
            "numeral": pa.array([NUMERALS[n] for n in whole(0, len(NUMERALS))]),
            "number": pa.array(holed([str(one) for one in wide])),
            "key": pa.array([f"id{n}" for n in range(rows)]),
            "boolean": pa.array([bool(n) for n in whole(0, 2)]),
            "binary": pa.array([bytes([n]) for n in whole(0, 50)]),
            "array": pa.array([[n, n % 2] for n in whole(0, 5)]),
            "array_of_zeros": pa.array([[nan, -0.0 if n else 0.0] for n in whole(0, 2)]),
            "map": pa.array(
                [[("a", 1), ("b", 2)] if n else [("b", 2), ("a", 1)] for n in whole(0, 2)],
                pa.map_(pa.string(), pa.int32()),
            ),
            "struct": pa.array(
                [
                    {"x": n, "y": {"z": f"q{n % 3}", "d": dt.date(2020, 1, 1 + n % 3), "f": n / 7}}
                    if n % 7
                    else None
                    for n in whole(0, 50)
                ]
            ),
        }
    )


PLAIN = [name for name in typed_rows(0).column_names if name != "struct"]
"""The columns that are no struct."""
