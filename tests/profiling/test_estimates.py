"""What an estimate says of rows is what DQX flags when it applies the stored check to them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.apply import apply_rules
from tests.bench_suggestions.rule import Rule
from tests.profiling.estimate_cases import CASES, CLEAN, ODD_TEXTS, ROWS, Case
from worker.checks.catalogue import function_of
from worker.checks.implementation import implementation
from worker.checks.portable_arguments import portable
from worker.estimates.estimate import Estimate
from worker.estimates.formats import format_of
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
_FORMATS = {
    ColumnKind.EMAIL: (_ADDRESSES, 2),
    ColumnKind.URL: (_URLS, 7),
    ColumnKind.UUID: (_UUIDS, 3),
    ColumnKind.IP: (_IPS, 3),
}


def test_what_passes_a_format_passes_it_in_dqx(engine: LocalEngine, tmp_path: Path) -> None:
    cases = {
        kind: Case(pa.string(), texts[:good], [*texts, *ODD_TEXTS], [format_of(kind)])
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
