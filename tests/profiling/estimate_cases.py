"""Columns of clean and of odd values, and what is estimated of the clean ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from worker.estimates import matching
from worker.estimates.arrays import has_elements
from worker.estimates.bounds import at_least_zero, bounds_of
from worker.estimates.coordinates import coordinates
from worker.estimates.dates import not_before, not_far_in_future, not_in_future
from worker.estimates.decimal_places import decimal_places
from worker.estimates.digits import digits_of_codes, digits_of_keys
from worker.estimates.estimate import Estimate, Estimator
from worker.estimates.filled import filled
from worker.estimates.keys import unique
from worker.estimates.letter_case import letter_case
from worker.estimates.lists import allowed_values
from worker.estimates.mostly_filled import mostly_filled
from worker.estimates.numbers_in_text import numbers_in_text
from worker.estimates.plain_text import OF_ONE_CASE, PLAIN_TEXTS, plain_text
from worker.estimates.shapes import shapes
from worker.estimates.times_of_day import times_of_day
from worker.estimates.words import words
from worker.estimates.years import years
from worker.kinds.column import Column, Flags
from worker.kinds.column_kind import ColumnKind
from worker.patterns import letter_cases
from worker.patterns.text_patterns import (
    BEGINS_LARGE,
    PADDED,
    PADDED_READABLE,
    WITH_LENGTH,
    up_to,
    word_of,
)

__all__ = ["CASES", "CLEAN", "ODD_TEXTS", "ROWS", "Case"]

CLEAN = 1200
"""The rows that estimates are made of; the rest are odd ones."""
ROWS = 1600
_NOW = datetime.now(UTC)
_RNG = np.random.default_rng(24)
_NAN, _INF = math.nan, math.inf
_MEASURE = bounds_of(ColumnKind.MEASURE)
_AMOUNT = bounds_of(ColumnKind.AMOUNT, tolerated=0.03)
_OFTEN = [at * 7 % 40 for at in range(CLEAN)]

_CHARACTERS = (
    "\0\t\n\v\f\r\x1b\x1c\x1f !'\"#$&-\\^~\x7f\x80\x85\xa0\xad\xc2\xc3\xe9\xdf\u0130\u0131\u017f"
    "\u01c5"
    "\u03a3\u03c2\u0149\u1680\u1e9e\u2000\u200b\u2028\u2029\u202f\u205f\u2126\u212a\u3000\ufb01"
    "\ufeff\ufffd\U0001f600\U00010400\U00010428"
)
ODD_TEXTS = [
    *("", " ", "  ", "a", "A", "a b", "ab", "A ", " A", "\u00c3\u00a9t\u00e9", "a\r\nb", "a\r\n"),
    *(form.format(one) for one in _CHARACTERS for form in ("{}", "a{}", "{}a", "a{}b", "A{}")),
]


def _moment(*parts: int) -> datetime:
    """Return a moment of no zone, which Arrow takes for one in UTC where a column has a zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


_DAYS = [date(2020, 1, 1) + timedelta(days=at) for at in range(300)]
_MOMENTS = [_moment(2020, 1, 1, 0, 30) + timedelta(hours=at) for at in range(CLEAN)]
_ODD_DAYS = [
    *(date(1, 1, 1), date(1582, 10, 4), date(1582, 10, 15), date(1969, 12, 31), date(1970, 1, 1)),
    *(date(2019, 11, 30), date(2019, 12, 1), date(2019, 12, 31), date(2100, 1, 1)),
    date(9999, 12, 31),
]
_ODD_MOMENTS = [
    *(_moment(one.year, one.month, one.day) for one in _ODD_DAYS),
    *(_moment(2019, 12, 31, 23, 59, 59, 999_999), _moment(1969, 12, 31, 23, 59, 59, 999_999)),
    *(_moment(2020, 3, 29, 1, 30), _moment(2019, 11, 30, 23, 59, 59, 999_999)),
]


@dataclass(frozen=True)
class Case:
    """A column, and the estimators that are made of its clean values."""

    kind: pa.DataType
    clean: Sequence[Any]
    odd: Sequence[Any]
    estimators: Sequence[Estimator]

    def column(self, name: str) -> Column:
        odd = [None, *self.odd]
        clean = [self.clean[at % len(self.clean)] for at in range(CLEAN)]
        return Column(
            name,
            pa.array([*clean, *(odd[at % len(odd)] for at in range(ROWS - CLEAN))], self.kind),
        )


def _decimals(scale: int, step: int = 1) -> Sequence[Decimal]:
    return [Decimal(f"{int(one) * step}E-{scale}") for one in _RNG.integers(0, 99_999, CLEAN)]


_CASED_TEXTS = [
    *(
        "El Paso",
        "El paso",
        "EL PASO",
        "el Paso",
        "Saint-Denis 3",
        "3 Rivers",
        "Fixed wing",
        "It's",
    ),
    *("Garc\u00eda", "garc\u00cda", "\u0141\u00f3d\u017a", "\u0141\u00d3D\u0179", "\u017a"),
    *("O\u2019Neil", "O\u2019neil", "\u01c5", "\u00aa", "\u1e9e", "\u0434\u0430", "\u6f22"),
    *("Garc\u00c3\u00ada", "\u00c3lvarez", "Caf\ufffd", "a\x85b", "\u0301A", "A " * 29 + "A"),
    *("A " * 30 + "A", "A-" * 40, "a\u0130", "\U0001d400\U0001d41a", "\u2160\u2170"),
]


def _plain(pattern: str) -> Estimator:
    return lambda _column, _rows: Estimate(
        "regex_match", {"regex": pattern}, matching.failing(pattern), "", 0.0
    )


def _and_filled(estimator: Estimator) -> Estimator:
    """Return the estimator of the rule as it is if DQX would say that every row has a value."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        found = estimator(column, rows)
        if found is None:
            return None
        return replace(
            found,
            arguments={**found.arguments, "allow_nulls": False},
            failing=lambda other: found.failing(other) | ~other.filled,
        )

    return estimate


_FLOATS = [round(float(one), 2) for one in _RNG.normal(50, 9, CLEAN)]
_ODD_FLOATS = [
    *(_NAN, _INF, -_INF, 0.0, -0.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 0.1 + 0.2, 0.3, 100.0),
    *(round(one * 0.1, 1) for one in range(-300, 1300, 7)),
]
_INTEGERS = [int(one) for one in _RNG.integers(100, 20_000, CLEAN)]
_ODD_INTEGERS = [-1, 0, 1, 99, 100, 30_000, 32_767, -32_768]
_HUGE = [2**53 + 1, 2**53 - 1, 2**62, 2**63 - 1, -(2**63), 2**31, 2**31 - 1, -(2**31) - 1]
_LISTED = [
    "O'Hare",
    '"q"',
    "back\\slash",
    "\\'",
    "\\",
    "%_",
    "\u00e9\U0001f600",
    "a\nb",
    "2020-01-01",
    "7",
    "null",
    "x\0y",
    "--",
    "`a`",
    "{x}",
    "tab\tbed",
    "\\n",
    "a\x85b",
]
_CODES = [f"K#{at % 977:04}-{'ab' if at % 2 else 'cd'}" for at in range(CLEAN)]
_ODD_CODES = [
    "K#0001-ab\n",
    "K#0001-ab ",
    "k#0001-ab",
    "K#001-ab",
    "K#00011-ab",
    "K#0001-xy",
    "K#\u0660\u0661\u0662\u0663-ab",
    "\u212a#0001-ab",
    *ODD_TEXTS[::4],
]
_HEX = [f"{at * 2**40:032x}" for at in range(CLEAN)]
_ODD_HEX = ["0" * 31, "0" * 33, "A" + "0" * 31, "0" * 32 + "\n", "\u0660" * 32, *ODD_TEXTS[::7]]
_LONG_TEXTS = [f"{'word ' * (at % 60)}{at}" for at in range(CLEAN)]
_ODD_LONG_TEXTS = [
    *(letter * many for letter in ("a", "\U0001f600", "\u00e9") for many in (399, 400, 401, 999)),
    *("a" * many + " " for many in (398, 399, 400)),
    *ODD_TEXTS,
]
_NUMBERS = [f"{at * 37 % 90_000 / 100:.2f}" for at in range(CLEAN)]
_GROUPED = [f"${at * 37_111 % 9_000_000 / 100:,.2f}" for at in range(CLEAN)]
_EUROPEAN = [one[1:].translate(str.maketrans(",.", ".,")) for one in _GROUPED]
_ODD_NUMBERS = [
    *("1", "-1.00", "+1.00", "01.00", "1.0", "1.000", ".50", "1.", "1,00", "1.00 ", " 1.00", ""),
    *("1.00\n", "12345.00", "1234567.00", "1e5", "NaN", "\u0661.00", "$1.00", "1.00$", "$1,234.50"),
    *("$1234.50", "$12,34.50", "$,123.00", "1.234,50", "1.234", "1234,5", "-$1.00", "$-1.00"),
    *("$12,345,678.90", "1.2.3", *ODD_TEXTS[::9]),
]
_ODD_PLACES = [
    *(_NAN, _INF, -_INF, 0.1 + 0.2, 1e-9, 1e22, 1.5e22, 2.0**53 + 2, -0.0, 5e-324, 1e15 + 0.5),
    *(100.0, 12.345, 12.34, 1e-2, 123456789.12, 123456789.123, 4503599627370497.5, 0.07 * 100),
]
_MARKED_CODES = [f"\U0001f600{at % 90:02}\0&~\x85" for at in range(CLEAN)]
CASES = {
    "a `few` are missing": Case(
        pa.string(), [None, *(f"{at}" for at in range(60))], [], [mostly_filled]
    ),
    "small": Case(
        pa.int8(),
        [at % 100 for at in range(CLEAN)],
        [127, -128, 120, 0],
        [_MEASURE, at_least_zero],
    ),
    "short": Case(pa.int16(), _INTEGERS, _ODD_INTEGERS, [_MEASURE, _AMOUNT, at_least_zero]),
    "int": Case(
        pa.int32(),
        _INTEGERS,
        [*_ODD_INTEGERS, 2**31 - 1, -(2**31)],
        [_MEASURE, _AMOUNT, at_least_zero],
    ),
    "whole": Case(
        pa.int64(), _INTEGERS, [*_ODD_INTEGERS, *_HUGE], [_MEASURE, _AMOUNT, at_least_zero]
    ),
    "huge": Case(
        pa.int64(),
        [2**63 - 2 - at for at in range(CLEAN)],
        _HUGE,
        [at_least_zero, unique()],
    ),
    "beyond": Case(
        pa.int64(),
        [2**53 + at for at in range(CLEAN)],
        [*_HUGE, *range(2**53 - 5, 2**53 + 5)],
        [_MEASURE],
    ),
    "marks": Case(pa.int32(), _OFTEN, [-1, 41, 2**31 - 1], [allowed_values()]),
    "marks_of_some": Case(pa.int64(), [None, *_OFTEN[1:]], [-1, 41, *_HUGE], [allowed_values()]),
    "real": Case(
        pa.float32(), _FLOATS, [*_ODD_FLOATS[:-3], 3.4e38], [_MEASURE, _AMOUNT, at_least_zero]
    ),
    "tenths": Case(pa.float32(), [at % 10 / 10 for at in range(CLEAN)], _ODD_FLOATS, [_MEASURE]),
    "double": Case(
        pa.float64(),
        _FLOATS,
        _ODD_FLOATS,
        [_MEASURE, _AMOUNT, at_least_zero, *map(_and_filled, (_MEASURE, at_least_zero))],
    ),
    "cents": Case(
        pa.decimal128(9, 2),
        _decimals(2),
        [
            Decimal(one)
            for one in (
                "0.00",
                "-0.01",
                "999.99",
                "1000.00",
                "1000.01",
                "1999.99",
                "2000.00",
                "1010.00",
                "-9999999.99",
                "9999999.99",
            )
        ],
        [_MEASURE, _AMOUNT, at_least_zero],
    ),
    "fine": Case(
        pa.decimal128(38, 20),
        _decimals(20, 10**15 + 1),
        [
            *(
                Decimal(one)
                for one in (
                    "0",
                    "-1E-20",
                    "1E-20",
                    "1.1",
                    "1.10000000000000000001",
                    "999999999999999999",
                )
            ),
        ],
        [_MEASURE, at_least_zero],
    ),
    "wide": Case(
        pa.decimal128(38, 0),
        _decimals(0, 10**33),
        [Decimal("9" * 38), Decimal("-" + "9" * 38), Decimal(10) ** 37, Decimal(0)],
        [_MEASURE, at_least_zero],
    ),
    "day": Case(
        pa.date32(),
        _DAYS,
        _ODD_DAYS,
        [
            not_before(),
            not_before(0.03),
            _and_filled(not_before()),
            not_in_future(_NOW),
            not_far_in_future(_NOW),
        ],
    ),
    "moment": Case(
        pa.timestamp("us", "UTC"),
        _MOMENTS,
        _ODD_MOMENTS,
        [not_before(), not_in_future(_NOW), not_far_in_future(_NOW)],
    ),
    "local": Case(
        pa.timestamp("us"),
        _MOMENTS,
        _ODD_MOMENTS,
        [not_before(), not_in_future(_NOW), not_far_in_future(_NOW)],
    ),
    "listed": Case(pa.string(), _LISTED, [*_LISTED, *ODD_TEXTS], [allowed_values(), filled()]),
    "listed_of_some": Case(pa.string(), [None, *_LISTED], ODD_TEXTS, [allowed_values()]),
    "texts": Case(
        pa.string(),
        ["word"],
        ODD_TEXTS,
        [*(_plain(one) for one in (*PLAIN_TEXTS, *OF_ONE_CASE)), filled()],
    ),
    "cased": Case(
        pa.string(),
        ["Word"],
        [*ODD_TEXTS, *_CASED_TEXTS],
        [
            _plain(str(one))
            for one in (*vars(letter_cases).values(), BEGINS_LARGE, PADDED, PADDED_READABLE)
            if str(one).startswith(r"\A")
        ],
    ),
    "versions": Case(
        pa.string(),
        [f"v{at % 12}.{at % 10}.1" for at in range(CLEAN)],
        ["v1.22.333", "v1.2", "V1.2.3", "v1.2.3 ", "v1..2", "v1.2.3\n", "v\u0661.2.3"],
        [shapes()],
    ),
    "codes": Case(pa.string(), _CODES, _ODD_CODES, [shapes(), shapes(0.03)]),
    "odd_codes": Case(pa.string(), _MARKED_CODES, _ODD_CODES, [shapes()]),
    "lower": Case(pa.string(), ["a\u00e9"], ODD_TEXTS, [letter_case()]),
    "upper": Case(pa.string(), ["A\u00c9"], ODD_TEXTS, [letter_case()]),
    "key": Case(
        pa.string(),
        [f"k{at}" for at in range(CLEAN)],
        ["k1 ", " k2", "k3\t", "k4\xa0", "x", "x ", "", " ", *ODD_TEXTS],
        [unique()],
    ),
    "zero": Case(pa.float64(), [0.0], [_NAN, -0.0, 5e-324, 1.0, _INF], [allowed_values()]),
    "tenth": Case(pa.float32(), [0.1], [_NAN, 0.1 + 1e-7, 0.0, _INF], [allowed_values()]),
    "tenth_of_some": Case(pa.float64(), [None, 0.1], [_NAN, 0.3 - 0.2, 0.0], [allowed_values()]),
    "money": Case(
        pa.decimal128(38, 20),
        [Decimal("1.50")],
        [Decimal("1E-20"), Decimal(-1)],
        [allowed_values()],
    ),
    "yes": Case(pa.bool_(), [True], [False], [allowed_values()]),
    "year": Case(pa.int16(), [*range(1956, 2014)], [-1, 0, 1899, 1900, 2100, 2101], [years()]),
    "real_year": Case(pa.float64(), [1956.0, 2013.0], [1899.9, 2100.5, _NAN, -_INF], [years()]),
    "departs": Case(
        pa.int32(),
        [100 * (at // 60) + at % 60 for at in range(0, 1440, 7)],
        [-1, 0, 2400, 2401],
        [times_of_day],
    ),
    "article": Case(
        pa.int64(),
        [*range(123_000, 123_900)],
        [*(99_999, 100_000, 999_999, 1_000_000, -123_000), *_HUGE],
        [digits_of_codes, digits_of_keys],
    ),
    "seven": Case(pa.int16(), [7], [-7, 0], [allowed_values()]),
    "priced": Case(
        pa.float64(), _FLOATS, _ODD_PLACES, [decimal_places(), _and_filled(decimal_places())]
    ),
    "weighed": Case(pa.float32(), _FLOATS, _ODD_PLACES[:9], [decimal_places()]),
    "counted": Case(
        pa.float64(), [float(one) for one in _INTEGERS], _ODD_PLACES, [decimal_places()]
    ),
    "cents_of_many": Case(
        pa.decimal128(38, 20),
        _decimals(2),
        [Decimal(one) for one in ("0", "1.001", "-1.1", "1E-20", "1.10000000000000000001")],
        [decimal_places()],
    ),
    "lat": Case(
        pa.float64(),
        [at % 1800 / 10 - 90 for at in range(CLEAN)],
        [_NAN, _INF, -_INF, 90.0, -90.0, 90.00001, -91.0],
        [coordinates()],
    ),
    "longitude": Case(
        pa.int32(), [at % 360 - 180 for at in range(CLEAN)], [180, 181, -181], [coordinates()]
    ),
    "array": Case(pa.list_(pa.int64()), [[1], [None], [1, 2]], [[], [None]], [has_elements()]),
    "hex": Case(pa.string(), _HEX, _ODD_HEX, [words(), words(0.03)]),
    "word": Case(
        pa.string(), ["a"], ODD_TEXTS, [_plain(word_of(r"0-9A-Za-z_\-", 1, 2)), _plain("[0-9]")]
    ),
    "long": Case(
        pa.string(),
        _LONG_TEXTS,
        _ODD_LONG_TEXTS,
        [plain_text(bounded=True), *(_plain(up_to(one, 400)) for one in sorted(WITH_LENGTH))],
    ),
    "number": Case(
        pa.string(), _NUMBERS, _ODD_NUMBERS, [numbers_in_text(), numbers_in_text(lenient=True)]
    ),
    "grouped": Case(pa.string(), _GROUPED, _ODD_NUMBERS, [numbers_in_text()]),
    "european": Case(
        pa.string(), _EUROPEAN, _ODD_NUMBERS, [numbers_in_text(), numbers_in_text(lenient=True)]
    ),
    "number_key": Case(
        pa.float64(), [float(at) for at in range(CLEAN)], [_NAN, -0.0, 5.0], [unique()]
    ),
}
