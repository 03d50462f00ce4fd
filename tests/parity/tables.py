"""Columns of extremes, made by hand."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from tests.parity.long import LONG

__all__ = ["EXTREMES", "RAISING", "Columns", "different", "frame_of", "table_of"]

Columns = Mapping[str, tuple[pa.DataType, Sequence[Any]]]

NAN, INF = float("nan"), float("inf")
_OTHER_NAN = np.array([0xFFF8_0000_0000_0001], dtype=np.uint64).view(np.float64)[0]


def table_of(columns: Columns, rows: int | None = None) -> pa.Table:
    """Return a table of these columns, repeated up to `rows`, else filled up with NULL."""
    longest = max(len(values) for _, values in columns.values())
    arrays = {}
    for name, (kind, values) in columns.items():
        if rows is None:
            filled = [*values, *[None] * (longest - len(values))]
        else:
            filled = [values[row % len(values)] for row in range(rows)]
        # A moment without a zone is written as a text here.
        given = pa.array(filled, pa.string() if kind == pa.timestamp("us") else kind)
        arrays[name] = given.cast(kind)
    return pa.table(arrays)


def frame_of(session: SparkSession, table: pa.Table) -> DataFrame:
    """Return the rows in their order, in one partition as those of a sample are."""
    return session.createDataFrame(table).coalesce(1)


def _decimals(*texts: str) -> list[Decimal | None]:
    return [None if text == "-" else Decimal(text) for text in texts]


EXTREMES: Columns = {
    "tinyint": (pa.int8(), [-128, 127, 0, 0, None]),
    "smallint": (pa.int16(), [-32768, 32767, 0, 1, None]),
    "int": (pa.int32(), [-(2**31), 2**31 - 1, 0, 7, None]),
    "bigint": (pa.int64(), [-(2**63), 2**63 - 1, 2**53 + 1, 7, None]),
    "bigint_high": (pa.int64(), [2**63 - 1] * 5),
    "bigint_low": (pa.int64(), [-(2**63)] * 5),
    "bigint_odd": (pa.int64(), [2**53 + 1, 2**53 + 3, 2**53 + 5]),
    "bigint_one": (pa.int64(), [2**62 + 1]),
    "float_java": (pa.float32(), [1.0e23, 2.0e-3, 3.4028235e38, 1.4e-45, 8.41e21, 9.999999e6, 1e7]),
    "float_small": (pa.float32(), [0.1, 0.2, 0.3, 16777216.0, 33554430.0]),
    "double_java": (
        pa.float64(),
        [1.0e23, 2.0e-3, 1.7976931348623157e308, 5e-324, 9007199254740993.0],
    ),
    "double_text": (
        pa.float64(),
        [2.2250738585072014e-308, 1e7, 9999999.999999998, 1e-3, 9.999e-4, 2e-323],
    ),
    "double_only_nan": (pa.float64(), [NAN, NAN]),
    "double_but_nan": (pa.float64(), [NAN, 1.0, NAN, NAN]),
    "double_and_nan": (pa.float64(), [NAN, 1.0, NAN, 2.0, NAN]),
    "float_but_nan": (pa.float32(), [-INF, NAN]),
    "double_zeros": (pa.float64(), [0.0, -0.0, 0.0, -0.0, -0.0]),
    "double_zeros_2": (pa.float64(), [-0.0, 0.0, -0.0]),
    "double_huge": (pa.float64(), [1.7e308, 1.7e308, -1.7e308]),
    "decimal_1_0": (pa.decimal128(1, 0), _decimals("-9", "9", "0", "-", "1")),
    "decimal_5_5": (pa.decimal128(5, 5), _decimals("-0.99999", "0.99999", "0.00000", "0.00001")),
    "decimal_10_2": (
        pa.decimal128(10, 2),
        _decimals("-99999999.99", "99999999.99", "0.10", "0.00"),
    ),
    "decimal_11_0": (pa.decimal128(11, 0), _decimals("99999999999", "99999999998", "1", "2")),
    "decimal_12_3": (pa.decimal128(12, 3), _decimals("999999999.999", "0.001", "-0.001")),
    "decimal_15_15": (pa.decimal128(15, 15), _decimals("0.999999999999999", "0.000000000000001")),
    "decimal_16_4": (pa.decimal128(16, 4), _decimals("999999999999.9999", "0.0001", "-1.0000")),
    "decimal_18_6": (
        pa.decimal128(18, 6),
        _decimals("123456789012.345678", "1.100000", "2.000000"),
    ),
    "decimal_18_18": (
        pa.decimal128(18, 18),
        _decimals("0.999999999999999999", "0.000000000000000001"),
    ),
    "decimal_20_0": (pa.decimal128(20, 0), _decimals("99999999999999999999", "-1", "3", "3")),
    "decimal_30_10": (
        pa.decimal128(30, 10),
        _decimals("12345678901234567890.0123456789", "0.0000000001"),
    ),
    # A power of ten that no double holds exactly.
    "decimal_30_26": (pa.decimal128(30, 26), _decimals("1E-26", "2E-26", "4E-26", "-8E-26")),
    "decimal_38_10": (
        pa.decimal128(38, 10),
        _decimals("123456789012345678.0000000001", "-3.3333333333"),
    ),
    "decimal_38_18": (pa.decimal128(38, 18), _decimals("1.000000000000000001", "2.5", "-7.25")),
    "decimal_38_38": (
        pa.decimal128(38, 38),
        _decimals("0.99999999999999999999999999999999999999", "-0.1"),
    ),
    "decimal_zero": (pa.decimal128(20, 10), _decimals("0", "0", "0")),
    "text_trim": (
        pa.string(),
        ["a", "a ", " a", "a\t", "a\n", "a\u00a0", "\u2003a", "a\x00", " ", "", "\t"],
    ),
    "text_numbers": (
        pa.string(),
        [
            "1",
            " 2.5 ",
            "1e3d",
            "NaN",
            "nan",
            "+NaN",
            "+nan",
            "Infinity",
            "-inf",
            "+INF",
            "inf",
            " inf ",
            "0x1p3",
            "0x1.8p1f",
            "1_0",
            "\u0661",
            "1\t",
            "\u00a01",
            "\uff11",
            "1e400",
            "-1e-400",
            "0x1p99999",
            "-0",
            ".5",
            "5.",
            ".",
            "1f",
            "1L",
            "1e",
            "",
            "\x001",
        ],
    ),
    "text_finite": (pa.string(), ["1", "2", "-0", "0", "1e22", "1e23", "2e-3"]),
    "text_nans": (pa.string(), ["NaN", "1", "2"]),
    "text_but_nans": (pa.string(), ["NaN", "-inf", "a", "NaN", "NaN"]),
    "text_unicode": (
        pa.string(),
        ["😀", "\U0010ffff", "\ue000", "\uffff", "é", "e\u0301", "ﬁ", "İ", "ß"],
    ),
    "text_few": (pa.string(), ["x", "y"] * 20),
    "text_one": (pa.string(), ["only"]),
    "boolean": (pa.bool_(), [True, False, None]),
    "date": (
        pa.date32(),
        [
            dt.date(1, 1, 1),
            dt.date(9999, 12, 31),
            dt.date(1582, 10, 4),
            dt.date(1582, 10, 15),
            dt.date(1969, 12, 31),
        ],
    ),
    "date_same": (pa.date32(), [dt.date(2024, 2, 29)] * 3),
    "date_one": (pa.date32(), [dt.date(1900, 3, 1)]),
    "moment_near": (
        pa.timestamp("us", tz="UTC"),
        [dt.datetime(2024, 2, 29, 1, 2, 3, one, tzinfo=dt.UTC) for one in (1, 2, 999999)],
    ),
    "moment_one": (
        pa.timestamp("us", tz="UTC"),
        [dt.datetime(2024, 2, 29, 1, 2, 3, 456789, tzinfo=dt.UTC)],
    ),
    "binary": (pa.binary(), [b"", b"\x00", b"\xff", b"a", b"a"]),
    "array_floats": (
        pa.list_(pa.float64()),
        [[NAN], [float(_OTHER_NAN)], [0.0], [-0.0], [], None, [None]],
    ),
    "array_structs": (
        pa.list_(pa.struct([("a", pa.int32()), ("b", pa.float64())])),
        [[{"a": 1, "b": NAN}], [{"a": 1, "b": -NAN}], [{"a": None, "b": 0.0}], [None], []],
    ),
    "array_arrays": (pa.list_(pa.list_(pa.int32())), [[[1], [2]], [[1, 2]], [[]], [], [None]]),
    "map_order": (
        pa.map_(pa.string(), pa.int32()),
        [[("a", 1), ("b", 2)], [("b", 2), ("a", 1)], [], [("a", None)], None],
    ),
    "map_floats": (
        pa.map_(pa.float64(), pa.float64()),
        [[(NAN, -0.0)], [(NAN, 0.0)], [(0.0, 1.0)]],
    ),
    "map_nested": (
        pa.map_(pa.string(), pa.map_(pa.string(), pa.list_(pa.date32()))),
        [
            [("a", [("x", [dt.date(2020, 1, 1)]), ("y", [])])],
            [("a", [("y", []), ("x", [dt.date(2020, 1, 1)])])],
        ],
    ),
    "deep": (
        pa.struct(
            [
                ("n", pa.int64()),
                ("t", pa.string()),
                (
                    "in",
                    pa.struct(
                        [
                            ("d", pa.date32()),
                            ("x", pa.float64()),
                            (
                                "in",
                                pa.struct(
                                    [
                                        ("dec", pa.decimal128(10, 2)),
                                        ("ts", pa.timestamp("us", tz="UTC")),
                                        ("z", pa.float32()),
                                        ("a", pa.list_(pa.int32())),
                                        ("b", pa.bool_()),
                                    ]
                                ),
                            ),
                        ]
                    ),
                ),
            ]
        ),
        [
            {
                "n": 1,
                "t": " x ",
                "in": {
                    "d": dt.date(2020, 1, 1),
                    "x": -0.0,
                    "in": {
                        "dec": Decimal("1.50"),
                        "ts": dt.datetime(2020, 1, 1, 5, tzinfo=dt.UTC),
                        "z": 0.1,
                        "a": [1],
                        "b": True,
                    },
                },
            },
            {
                "n": 2**60,
                "t": "",
                "in": {
                    "d": dt.date(1, 1, 1),
                    "x": 0.0,
                    "in": {
                        "dec": Decimal("-3.25"),
                        "ts": dt.datetime(1900, 1, 1, 5, tzinfo=dt.UTC),
                        "z": NAN,
                        "a": [],
                        "b": False,
                    },
                },
            },
            {"n": None, "t": None, "in": {"d": None, "x": NAN, "in": None}},
            {"n": 3, "t": "x", "in": None},
            None,
        ],
    ),
    "void_int": (pa.int32(), [None]),
    "void_text": (pa.string(), [None]),
    "void_double": (pa.float64(), [None]),
    "void_decimal": (pa.decimal128(10, 2), [None]),
    "void_date": (pa.date32(), [None]),
    "void_struct": (pa.struct([("a", pa.int32())]), [None]),
}

RAISING: Columns = {
    "float_signs": (pa.float32(), [-0.0, 0.0, NAN, INF, -INF, None]),
    "double_nans": (pa.float64(), [NAN, -NAN, float(_OTHER_NAN), 1.0, None, 2.0]),
    "double_infinite": (pa.float64(), [INF, -INF, 1.0, 2.0]),
    "double_inf": (pa.float64(), [INF, INF, INF, 1.0]),
    "moment": (
        pa.timestamp("us", tz="UTC"),
        [
            dt.datetime(1, 1, 1, tzinfo=dt.UTC),
            dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
            dt.datetime(1582, 10, 4, 12, tzinfo=dt.UTC),
            dt.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
            dt.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=dt.UTC),
        ],
    ),
    "moment_ntz": (
        pa.timestamp("us"),
        ["0001-01-01", "9999-12-31 23:59:59.999999", "1850-01-01 00:00:00.000001"],
    ),
}
"""What stock DQX raises on with some options, such as infinities, which it rounds."""

_ALIKE = frozenset(
    {
        *("smallint", "bigint_low", "bigint_one", "float_small", "double_text", "double_and_nan"),
        *("decimal_1_0", "decimal_10_2", "decimal_15_15", "decimal_16_4"),
        *("decimal_18_6", "decimal_18_18", "decimal_38_10", "decimal_38_18", "decimal_zero"),
        *("text_nans", "text_unicode", "text_one", "date_same", "void_decimal", "void_struct"),
        *("float_signs", "double_infinite", "double_inf", "moment"),
    }
)
"""Columns whose kind another one has, too."""


def different(columns: Columns) -> Columns:
    """Return one column of each kind; all of them in the long form."""
    return {name: column for name, column in columns.items() if LONG or name not in _ALIKE}
