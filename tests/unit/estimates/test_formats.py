"""Texts of formats that DQX has a check function for."""

import json

import pytest

from tests.unit.estimates.columns import arguments, column, estimated, failing
from worker.estimates.formats import format_of
from worker.kinds import json_texts
from worker.kinds.column_kind import ColumnKind

_NUMBERS = [f"{at:02}" for at in range(10, 99)]
_LATER = [f"2024-02-{at:02}" for at in range(1, 30)] * 3
_VALID: list[tuple[ColumnKind, list[str], dict[str, str], str]] = [
    (ColumnKind.EMAIL, [f"ann.o'neill+{at}@mail-1.example.com" for at in _NUMBERS], {}, "x"),
    (ColumnKind.URL, [f"https://example.com:80/{at}/~a?b=c&d=%20#e" for at in _NUMBERS], {}, "x"),
    (ColumnKind.UUID, [f"123e4567-e89b-12d3-a456-4266141740{at}" for at in _NUMBERS], {}, "x"),
    (ColumnKind.IP, [f"192.168.0.{at}" for at in _NUMBERS], {}, "192.168.0.256"),
    (ColumnKind.IP, [f"2001:db8::{at}" for at in _NUMBERS], {}, "2001:db8::1::2"),
    (ColumnKind.JSON, [json.dumps({"a": one}) for one in _NUMBERS], {}, "{"),
    (ColumnKind.JSON, [f"[{one}]" for one in _NUMBERS], {}, "{'a': 1}"),
    (ColumnKind.NATIONAL_ID, [f"1{at}-{at}-6789" for at in _NUMBERS], {"country": "US"}, "x"),
    (ColumnKind.NATIONAL_ID, [f"AB 1234 {at} C" for at in _NUMBERS], {"country": "GB"}, "x"),
    (ColumnKind.NATIONAL_ID, [f"ABCPD12{at}E" for at in _NUMBERS], {"country": "IN"}, "x"),
    (ColumnKind.ISO_CODE, ["DE", "FR", "PL"] * 30, {}, "XX"),
    (ColumnKind.ISO_CODE, ["DEU", "FRA", "POL"] * 30, {"code_format": "alpha-3"}, "XXX"),
    (ColumnKind.ISO_CODE, ["EUR", "CHF"] * 40, {}, "EUX"),
    *(
        (ColumnKind.TEXT_DATE, texts, {"date_format": form}, wrong)
        for texts, form, wrong in (
            (_LATER, "yyyy-MM-dd", "2023-02-29"),
            (["31.12.1999", "01.02.1988"] * 40, "dd.MM.yyyy", "x"),
            (["12/31/1999", "01/02/1988"] * 40, "MM/dd/yyyy", "x"),
            (["31/12/1999", "01/02/1988"] * 40, "dd/MM/yyyy", "x"),
            (["12/31/1999", "1/2/1988"] * 40, "M/d/yyyy", "1/32/1988"),
            (["31.12.1999", "1.2.1988"] * 40, "d.M.yyyy", "31.2.1999"),
        )
    ),
    *(
        (ColumnKind.TEXT_DATE, [f"{one}{time}" for one in _LATER], {"timestamp_format": form}, "x")
        for time, form in (
            ("T10:11:12", "yyyy-MM-dd'T'HH:mm:ss"),
            (" 10:11", "yyyy-MM-dd HH:mm"),
            ("T10:11:12Z", "yyyy-MM-dd'T'HH:mm:ssXXX"),
            (" 10:11:12.123456+01:00", "yyyy-MM-dd HH:mm:ss.SSSSSSXXX"),
        )
    ),
    (
        ColumnKind.TEXT_DATE,
        ["2024-01-01T10:11:12", "2024-01-01T10:11:12.5"] * 40,
        {"timestamp_format": "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]"},
        "2024-01-01T10:11:60",
    ),
    (
        ColumnKind.TEXT_DATE,
        ["12/31/1999 3:04 PM", "1/2/1988 12:59 AM"] * 40,
        {"timestamp_format": "M/d/yyyy h:mm a"},
        "1/2/1988 13:59 AM",
    ),
]


@pytest.mark.parametrize(("kind", "texts", "expected", "wrong"), _VALID)
def test_formats(kind: ColumnKind, texts: list[str], expected: dict[str, str], wrong: str) -> None:
    assert arguments(format_of(kind), column(texts)) == expected
    assert arguments(format_of(kind), column(texts[:29])) is None
    assert arguments(format_of(kind), column([*texts, wrong])) is None
    for other in (wrong, f"{texts[0]} ;"):
        assert failing(format_of(kind, 0.03), column([*texts, other])) == [other]
    assert arguments(format_of(ColumnKind.FREE_TEXT), column(texts)) is None


@pytest.mark.parametrize("texts", [["01/02/1988"], ["1/2/1988"], ["11/12/1988 10:11"]])
def test_a_date_that_may_be_of_two_forms_has_none(texts: list[str]) -> None:
    assert arguments(format_of(ColumnKind.TEXT_DATE), column(texts * 40)) is None


def test_of_two_forms_with_one_meaning_the_one_that_says_more_is_taken() -> None:
    of_days = estimated(format_of(ColumnKind.TEXT_DATE), column(["13/10/1988"] * 40))
    of_moments = estimated(format_of(ColumnKind.TEXT_DATE), column(["2024-01-01 10:11:12"] * 40))

    assert of_days is not None
    assert of_moments is not None
    assert of_days.arguments == {"date_format": "dd/MM/yyyy"}
    assert of_moments.arguments == {"timestamp_format": "yyyy-MM-dd HH:mm:ss"}


def test_json_that_takes_long_to_read_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [json.dumps({"a": one}) for one in _NUMBERS]
    monkeypatch.setattr(json_texts, "_MOST", sum(map(len, texts)))

    assert arguments(format_of(ColumnKind.JSON), column(texts)) == {}
    assert arguments(format_of(ColumnKind.JSON), column([*texts, "[]"])) is None
