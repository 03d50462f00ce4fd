"""What an estimate says of rows is what DQX flags when it applies the stored check to them."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import functions as F  # noqa: N812

from tests.bench_suggestions.apply import apply_rules
from tests.bench_suggestions.rule import Rule
from tests.profiling.estimate_cases import CASES, CLEAN, ODD_TEXTS, ROWS, Case
from worker.checks.catalogue import function_of
from worker.checks.implementation import implementation
from worker.checks.portable_arguments import portable
from worker.estimates.estimate import Estimate
from worker.estimates.formats import FORMATS, format_of
from worker.kinds.column import Column, Flags
from worker.kinds.column_kind import ColumnKind
from worker.spark.engines.local import LocalEngine

_ALL = np.ones(ROWS, dtype=bool)


def _made_of_clean() -> Flags:
    return np.arange(ROWS) < CLEAN


def _estimates(columns: Sequence[Column]) -> Iterator[tuple[Column, Estimate]]:
    for column in columns:
        for at, estimator in enumerate(CASES[column.path].estimators):
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
    found = (str(one) if pa.types.is_temporal(values.type) else repr(one.as_py()) for one in values)
    return list(dict.fromkeys(found))


def _apply(
    engine: LocalEngine, columns: Sequence[Column], rules: Sequence[Rule], folder: Path
) -> Sequence[Flags]:
    table = pa.table({one.path: one.values for one in columns})
    return [one[0] for one in apply_rules(engine.session, rules, [table], folder)]


def test_estimates_say_what_dqx_flags(engine: LocalEngine, tmp_path: Path) -> None:
    columns = [case.column(name) for name, case in CASES.items()]
    estimates = list(_estimates(columns))
    rules = [_stored(column, one) for column, one in estimates]

    flagged = _apply(engine, columns, rules, tmp_path)

    differences = {
        (column.path, one.function, str(rule.metadata["check"]["arguments"])[:200]): (
            _told(column, flags & ~one.flagged(column, _ALL)),
            _told(column, ~flags & one.flagged(column, _ALL)),
        )
        for (column, one), rule, flags in zip(estimates, rules, flagged, strict=True)
        if (flags != one.flagged(column, _ALL)).any()
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
_IPV6S = [
    "2001:db8::1",
    "2001:DB8:0:0:0:0:0:1",
    "::1",
    "::",
    "fe80::1%eth0",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:7::",
    "1::2::3",
    "::1\n",
    " ::1",
    "12345::",
    "::1/64",
    "\u0661::1",
    "[::1]",
    "fe80::1%",
]
_JSONS = [
    '{"a": [1, -2.5e3, null, true], "b": {"c": "\\u00e9\\ud83d\\ude00"}}',
    "[]",
    "  {} \n",
    '{"a": 1e400}',
    f'{{"a": {"9" * 400}}}',
    "[" * 400 + "]" * 400,
    '{"": "\u2028"}',
    '{"a": 1, "a": 2}',
    '{"a": NaN}',
    "{'a': 1}",
    "[1,]",
    '{"a": 01}',
    '{"a": "\\ud800"}',
    '{"a": "a\tb"}',
    '{"a": "\\x"}',
    "\ufeff{}",
    f'{{"a": {"9" * 1001}}}',
    "[" * 1200 + "]" * 1200,
    "{} x",
    "//x\n{}",
]
_SSNS = [
    *("123-45-6789", "899-99-9999", "667-01-0001", "001-01-0001", "123456789", "123 45 6789"),
    *("000-45-6789", "666-45-6789", "900-45-6789", "123-00-6789", "123-45-0000", "123-45 6789"),
    *("123-45-6789\n", "\u0661\u0662\u0663-45-6789"),
]
_NINOS = [
    *("AB 12 34 56 C", "NA123456D", "KA123456A", "ZY 123456B", "PZ12 3456 A"),
    *("BG123456A", "DA123456A", "AF123456A", "AB123456E", "ab123456a", "NK123456A", "AB  123456A"),
]
_PANS = ["ABCPD1234E", "ZZZTZ0000Z", "ABCDD1234E", "ABCPD1234", "abcpd1234e", "ABCPD1234E\n"]
_MOMENTS = [
    *("2024-02-29T23:59:59", "2023-12-31T00:00:00", "1999-01-01T12:30:00"),
    *("2023-02-29T00:00:00", "2024-01-01 00:00:00", "2024-01-01T24:00:00", "2024-01-01T00:00"),
    *("2024-01-01T00:00:60", "2024-1-1T00:00:00", "2024-01-01T00:00:00Z", "2024-03-31T02:30:00"),
]
_ZONED = [
    *("2024-02-29 23:59:59.5Z", "2023-12-31 00:00:00+17:59", "2000-01-01 00:00:00.123456-00:30"),
    *("2024-01-01 00:00:00", "2024-01-01 00:00:00+0100", "2024-01-01 00:00:00.1234567Z"),
    *("2024-01-01 00:00:00+19:00", "2024-01-01 00:00:00 Z", "2024-01-01 00:00:00z"),
]
_HALF_DAYS = [
    *("1/13/2024 3:04 PM", "12/31/1999 12:59 AM", "2/29/2024 11:00 pm"),
    *("2/30/2024 3:04 PM", "1/13/2024 13:04 PM", "1/13/2024 0:04 AM", "1/13/2024 3:04"),
    *("13/1/2024 3:04 AM", "1/13/2024 3:04PM", "1/13/24 3:04 PM"),
]
_FORMATS: Sequence[tuple[ColumnKind, Sequence[str], int]] = [
    (ColumnKind.EMAIL, _ADDRESSES, 2),
    (ColumnKind.URL, _URLS, 7),
    (ColumnKind.UUID, _UUIDS, 3),
    (ColumnKind.IP, _IPS, 3),
    (ColumnKind.IP, _IPV6S, 7),
    (ColumnKind.JSON, _JSONS, 7),
    (ColumnKind.NATIONAL_ID, _SSNS, 6),
    (ColumnKind.NATIONAL_ID, _NINOS, 5),
    (ColumnKind.NATIONAL_ID, _PANS, 2),
    *((ColumnKind.TEXT_DATE, texts, 3) for texts in (_MOMENTS, _ZONED, _HALF_DAYS)),
]


@pytest.mark.filterwarnings("ignore:IPv6 Address validation")
def test_what_passes_a_format_passes_it_in_dqx(engine: LocalEngine, tmp_path: Path) -> None:
    columns = [
        Case(pa.string(), texts[:good], [*texts, *ODD_TEXTS], []).column(f"column_{at}")
        for at, (_, texts, good) in enumerate(_FORMATS)
    ]
    made = [
        format_of(kind)(column, _made_of_clean())
        for (kind, *_), column in zip(_FORMATS, columns, strict=True)
    ]
    estimates = [one for one in made if one is not None]
    assert len(estimates) == len(_FORMATS), made
    rules = [_stored(column, one) for column, one in zip(columns, estimates, strict=True)]

    flagged = _apply(engine, columns, rules, tmp_path)

    for column, one, flags in zip(columns, estimates, flagged, strict=True):
        assert _told(column, flags & ~one.failing(column)) == [], one.function
        assert flags.any()


def test_spark_reads_the_dates_and_times_of_every_form(engine: LocalEngine) -> None:
    forms = {
        form: one.passing
        for one in FORMATS[ColumnKind.TEXT_DATE]
        for form in one.arguments.values()
    }
    moment = datetime(2024, 10, 29, 14, 5, 6, 700_000, UTC)
    table = engine.session.createDataFrame([(moment,)], ["at"])
    texts = [F.date_format("at", _written(form)) for form in forms]
    # As DQX reads them (0.17, check_funcs.py).
    read = [
        F.try_to_timestamp(text, F.lit(form)).isNotNull()
        for text, form in zip(texts, forms, strict=True)
    ]

    found = table.select(F.array(*texts), F.array(*read)).first()

    assert found is not None
    for (form, passing), text, reads in zip(forms.items(), *found, strict=True):
        assert (form, text, reads) == (form, text, True)
        assert passing(Column(form, pa.array([text]))).all(), (form, text)


def _written(form: str) -> str:
    """Return a form in which Spark writes: it does not write what is optional."""
    return form.replace("[", "").replace("]", "")
