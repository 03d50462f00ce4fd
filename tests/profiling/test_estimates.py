"""What an estimate says of rows is what DQX flags when it applies the stored check to them."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.apply import apply_rules
from tests.bench_suggestions.rule import Rule
from worker.checks.catalogue import function_of
from worker.checks.implementation import implementation
from worker.checks.portable_arguments import portable
from worker.spark.engines.local import LocalEngine
from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates import patterns
from worker.suggestions.estimates.bounds import at_least_zero, bounds_of
from worker.suggestions.estimates.dates import not_before, not_in_future
from worker.suggestions.estimates.estimate import Estimate, Estimator
from worker.suggestions.estimates.filled import filled
from worker.suggestions.estimates.formats import format_of
from worker.suggestions.estimates.keys import unique
from worker.suggestions.estimates.letter_case import letter_case
from worker.suggestions.estimates.lists import allowed_values
from worker.suggestions.estimates.plain_text import PLAIN_TEXTS
from worker.suggestions.estimates.shapes import shapes
from worker.suggestions.kinds.column_kind import ColumnKind

_CLEAN = 1200
"""The rows that estimates are made of; the rest are odd ones."""
_ROWS = 1600
_NOW = datetime.now(UTC)
_RNG = np.random.default_rng(24)
_MEASURE = bounds_of(ColumnKind.MEASURE)
_AMOUNT = bounds_of(ColumnKind.AMOUNT, tolerated=0.03)
_OFTEN = [at * 7 % 40 for at in range(_CLEAN)]

_CHARACTERS = (
    "\0\t\n\v\f\r\x1b\x1c\x1f !'\"#$&-\\^~\x7f\x80\x85\xa0\xad\xc2\xc3\xe9\xdf\u0130\u0131\u017f"
    "\u01c5"
    "\u03a3\u03c2\u0149\u1680\u1e9e\u2000\u200b\u2028\u2029\u202f\u205f\u2126\u212a\u3000\ufb01"
    "\ufeff\ufffd\U0001f600\U00010400\U00010428"
)
_ODD_TEXTS = [
    *("", " ", "  ", "a", "A", "a b", "ab", "A ", " A", "\u00c3\u00a9t\u00e9", "a\r\nb", "a\r\n"),
    *(form.format(one) for one in _CHARACTERS for form in ("{}", "a{}", "{}a", "a{}b", "A{}")),
]


def _moment(*parts: int) -> datetime:
    """Return a moment of no zone, which Arrow takes for one in UTC where a column has a zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


_DAYS = [date(2020, 1, 1) + timedelta(days=at) for at in range(300)]
_MOMENTS = [_moment(2020, 1, 1, 0, 30) + timedelta(hours=at) for at in range(_CLEAN)]
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
class _Case:
    """A column, and the estimators that are made of its clean values."""

    kind: pa.DataType
    clean: Sequence[Any]
    odd: Sequence[Any]
    estimators: Sequence[Estimator]

    def column(self, name: str) -> Column:
        odd = [None, *self.odd]
        clean = [self.clean[at % len(self.clean)] for at in range(_CLEAN)]
        return Column(
            name,
            pa.array([*clean, *(odd[at % len(odd)] for at in range(_ROWS - _CLEAN))], self.kind),
        )


def _decimals(scale: int, step: int = 1) -> Sequence[Decimal]:
    return [Decimal(f"{int(one) * step}E-{scale}") for one in _RNG.integers(0, 99_999, _CLEAN)]


def _plain(pattern: str) -> Estimator:
    return lambda _column, _rows: Estimate(
        "regex_match", {"regex": pattern}, patterns.failing(pattern), "", 0.0
    )


_NAN, _INF = math.nan, math.inf
_FLOATS = [round(float(one), 2) for one in _RNG.normal(50, 9, _CLEAN)]
_ODD_FLOATS = [
    *(_NAN, _INF, -_INF, 0.0, -0.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 0.1 + 0.2, 0.3, 100.0),
    *(round(one * 0.1, 1) for one in range(-300, 1300, 7)),
]
_INTEGERS = [int(one) for one in _RNG.integers(100, 20_000, _CLEAN)]
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
_CODES = [f"K#{at % 977:04}-{'ab' if at % 2 else 'cd'}" for at in range(_CLEAN)]
_ODD_CODES = [
    "K#0001-ab\n",
    "K#0001-ab ",
    "k#0001-ab",
    "K#001-ab",
    "K#00011-ab",
    "K#0001-xy",
    "K#\u0660\u0661\u0662\u0663-ab",
    "\u212a#0001-ab",
    *_ODD_TEXTS[::4],
]
_MARKED_CODES = [f"\U0001f600{at % 90:02}\0&~\x85" for at in range(_CLEAN)]
_CASES = {
    "small": _Case(
        pa.int8(),
        [at % 100 for at in range(_CLEAN)],
        [127, -128, 120, 0],
        [_MEASURE, at_least_zero],
    ),
    "short": _Case(pa.int16(), _INTEGERS, _ODD_INTEGERS, [_MEASURE, _AMOUNT, at_least_zero]),
    "int": _Case(
        pa.int32(),
        _INTEGERS,
        [*_ODD_INTEGERS, 2**31 - 1, -(2**31)],
        [_MEASURE, _AMOUNT, at_least_zero],
    ),
    "whole": _Case(
        pa.int64(), _INTEGERS, [*_ODD_INTEGERS, *_HUGE], [_MEASURE, _AMOUNT, at_least_zero]
    ),
    "huge": _Case(
        pa.int64(),
        [2**63 - 2 - at for at in range(_CLEAN)],
        _HUGE,
        [at_least_zero, unique()],
    ),
    "beyond": _Case(
        pa.int64(),
        [2**53 + at for at in range(_CLEAN)],
        [*_HUGE, *range(2**53 - 5, 2**53 + 5)],
        [_MEASURE],
    ),
    "marks": _Case(pa.int32(), _OFTEN, [-1, 41, 2**31 - 1], [allowed_values()]),
    "marks_of_some": _Case(pa.int64(), [None, *_OFTEN[1:]], [-1, 41, *_HUGE], [allowed_values()]),
    "real": _Case(
        pa.float32(), _FLOATS, [*_ODD_FLOATS[:-3], 3.4e38], [_MEASURE, _AMOUNT, at_least_zero]
    ),
    "tenths": _Case(pa.float32(), [at % 10 / 10 for at in range(_CLEAN)], _ODD_FLOATS, [_MEASURE]),
    "double": _Case(pa.float64(), _FLOATS, _ODD_FLOATS, [_MEASURE, _AMOUNT, at_least_zero]),
    "cents": _Case(
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
    "fine": _Case(
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
    "wide": _Case(
        pa.decimal128(38, 0),
        _decimals(0, 10**33),
        [Decimal("9" * 38), Decimal("-" + "9" * 38), Decimal(10) ** 37, Decimal(0)],
        [_MEASURE, at_least_zero],
    ),
    "day": _Case(
        pa.date32(), _DAYS, _ODD_DAYS, [not_before(), not_before(0.03), not_in_future(_NOW)]
    ),
    "moment": _Case(
        pa.timestamp("us", "UTC"), _MOMENTS, _ODD_MOMENTS, [not_before(), not_in_future(_NOW)]
    ),
    "local": _Case(pa.timestamp("us"), _MOMENTS, _ODD_MOMENTS, [not_before(), not_in_future(_NOW)]),
    "listed": _Case(pa.string(), _LISTED, [*_LISTED, *_ODD_TEXTS], [allowed_values(), filled]),
    "listed_of_some": _Case(pa.string(), [None, *_LISTED], _ODD_TEXTS, [allowed_values()]),
    "texts": _Case(
        pa.string(), ["word"], _ODD_TEXTS, [*(_plain(one) for one in PLAIN_TEXTS), filled]
    ),
    "codes": _Case(pa.string(), _CODES, _ODD_CODES, [shapes(), shapes(0.03)]),
    "odd_codes": _Case(pa.string(), _MARKED_CODES, _ODD_CODES, [shapes()]),
    "lower": _Case(pa.string(), ["a\u00e9"], _ODD_TEXTS, [letter_case()]),
    "upper": _Case(pa.string(), ["A\u00c9"], _ODD_TEXTS, [letter_case()]),
    "key": _Case(
        pa.string(),
        [f"k{at}" for at in range(_CLEAN)],
        ["k1 ", " k2", "k3\t", "k4\xa0", "x", "x ", "", " ", *_ODD_TEXTS],
        [unique()],
    ),
    "number_key": _Case(
        pa.float64(), [float(at) for at in range(_CLEAN)], [_NAN, -0.0, 5.0], [unique()]
    ),
}


def _made_of_clean() -> Flags:
    return np.arange(_ROWS) < _CLEAN


def _estimates(columns: Sequence[Column]) -> Iterator[tuple[Column, Estimate]]:
    for column in columns:
        for at, estimator in enumerate(_CASES[column.path].estimators):
            found = estimator(column, _made_of_clean())
            assert found is not None, f"{column.path} {at}"
            yield column, found


def _stored(column: Column, estimate: Estimate) -> Rule:
    """Return the check as it is read back from a suggestion."""
    kind = column.values.type
    check = portable(
        function_of(estimate.function).check(column.path, **estimate.arguments),
        zoneless=pa.types.is_timestamp(kind) and kind.tz is None,
    )
    assert check is not None
    return Rule(column.path, json.loads(implementation(check)))


def _told(column: Column, flags: Flags) -> list[str]:
    values = column.values.filter(pa.array(flags))
    return [
        str(one) if pa.types.is_temporal(values.type) else repr(one.as_py())
        for one in values.unique()
    ]


def _apply(
    engine: LocalEngine, columns: Sequence[Column], rules: Sequence[Rule], folder: Path
) -> Sequence[Flags]:
    table = pa.table({one.path: one.values for one in columns})
    return [one[0] for one in apply_rules(engine.session, rules, [table], folder)]


def test_estimates_say_what_dqx_flags(engine: LocalEngine, tmp_path: Path) -> None:
    columns = [case.column(name) for name, case in _CASES.items()]
    estimates = list(_estimates(columns))
    rules = [_stored(column, one) for column, one in estimates]

    flagged = _apply(engine, columns, rules, tmp_path)

    differences = {
        (column.path, one.function, str(rule.metadata["check"]["arguments"])[:200]): (
            _told(column, flags & ~one.failing(column)),
            _told(column, ~flags & one.failing(column)),
        )
        for (column, one), rule, flags in zip(estimates, rules, flagged, strict=True)
        if (flags != one.failing(column)).any()
    }
    assert differences == {}
    assert all(flags.any() for flags in flagged)


_ADDRESSES = [
    "a@b.co",
    "A.b_c+d-e@x-1.example.COM",
    f"{'a' * 20}.{'b' * 20}.{'c' * 20}@{'d' * 63}.{'e' * 63}.{'f' * 63}.{'g' * 50}",
    "a..b@c.de",
    ".a@b.cd",
    "a@b",
    "a@-b.de",
    "a@b-.de",
    "a@b.c1",
    "a@b.de\n",
    " a@b.de",
    "a@b.de.",
    '"a b"@c.de',
    "a@[1.2.3.4]",
    "\u00e4@b.de",
    f"{'a' * 21}@b.de",
]
_URLS = [
    "http://a",
    "https://a.b:80/c?d=e#f",
    "ftp://a.b/~c/d_e.f+g=h&i:j",
    "http://a:99999/",
    "http://a/b//c",
    "http://a?",
    "http://a#",
    "http://-a.de",
    "http://a.b./",
    "http://a b",
    "http://a/b c",
    "http://a/%20",
    "http://a/%zz",
    "http://a\n",
    "https://a?b?c",
    "http://1.2.3.4/",
    "HTTP://a.de",
    "http://a/b#c#d",
    "http://a:/",
]
_UUIDS = [
    "123e4567-e89b-12d3-a456-426614174000",
    "123E4567-E89B-12D3-A456-426614174000",
    "00000000-0000-0000-0000-000000000000",
    "123e4567e89b12d3a456426614174000",
    "{123e4567-e89b-12d3-a456-426614174000}",
    "123e4567-e89b-12d3-a456-42661417400g",
    "123e4567-e89b-12d3-a456-426614174000\n",
]
_IPS = [
    "0.0.0.0",  # noqa: S104
    "255.255.255.255",
    "1.2.3.4",
    "1.2.3.04",
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.4\n",
    "\u0661.2.3.4",
    "01.2.3.4",
    "1.2.3.4 ",
]
_FORMATS = {
    ColumnKind.EMAIL: (_ADDRESSES, 2),
    ColumnKind.URL: (_URLS, 7),
    ColumnKind.UUID: (_UUIDS, 3),
    ColumnKind.IP: (_IPS, 3),
}


def test_what_passes_a_format_passes_it_in_dqx(engine: LocalEngine, tmp_path: Path) -> None:
    cases = {
        kind: _Case(pa.string(), texts[:good], [*texts, *_ODD_TEXTS], [format_of(kind)])
        for kind, (texts, good) in _FORMATS.items()
    }
    columns = {kind: case.column(kind.name.lower()) for kind, case in cases.items()}
    made = {kind: format_of(kind)(column, _made_of_clean()) for kind, column in columns.items()}
    rules = [_stored(columns[kind], one) for kind, one in made.items() if one is not None]
    assert len(rules) == len(_FORMATS)

    flagged = _apply(engine, list(columns.values()), rules, tmp_path)

    for (kind, column), flags in zip(columns.items(), flagged, strict=True):
        one = made[kind]
        assert one is not None
        assert _told(column, flags & ~one.failing(column)) == []
        assert flags.any()
