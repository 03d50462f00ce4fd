"""Texts: those of a known form, those that name something, lists, and the rest."""

import uuid

import pytest

from tests.unit.kinds.values import RNG, described, kind_of, shuffled
from worker.kinds.column_kind import ColumnKind

_ROWS = 400
_NUMBERS = [int(one) for one in RNG.integers(10_000, 99_999, _ROWS)]
_WORDS = ["late", "box", "thanks", "refund", "parcel", "colour", "wrong", "size", "twice", "door"]


def _forms(form: str) -> list[str]:
    return [
        form.format(n=n, month=1 + n % 12, day=1 + n % 28, byte=n % 256, hex=f"{n:x}")
        for n in _NUMBERS
    ]


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("anna.{n}@mail.example.org", ColumnKind.EMAIL),
        ("https://example.org/{n}?a=b", ColumnKind.URL),
        ("s3://bucket/{n}", ColumnKind.URL),
        ("10.0.{byte}.{byte}", ColumnKind.IP),
        ("2001:db8::{hex}", ColumnKind.IP),
        ('{{"order": {n}}}', ColumnKind.JSON),
        ("[{n}, 2]", ColumnKind.JSON),
        ("2024-{month:02}-{day:02}", ColumnKind.TEXT_DATE),
        ("2024-{month:02}-{day:02}T10:11:12.5Z", ColumnKind.TEXT_DATE),
        ("{day:02}.{month:02}.2024", ColumnKind.TEXT_DATE),
        ("{month}/{day}/2024 9:15 PM", ColumnKind.TEXT_DATE),
        ("{day} Feb 2024", ColumnKind.TEXT_DATE),
        ("{n}.5", ColumnKind.TEXT_NUMBER),
        ("-{byte},25", ColumnKind.TEXT_NUMBER),
        ("$1,{byte:03}.00", ColumnKind.TEXT_NUMBER),
        ("+49 30 {n}", ColumnKind.PHONE),
        ("(030) {n} 7", ColumnKind.PHONE),
    ],
)
def test_a_form_makes_the_kind_even_if_some_texts_lack_it(form: str, kind: ColumnKind) -> None:
    assert kind_of("x", [*_forms(form), "n/a", "-", "Unknown Thing"]) == kind


def test_uuids() -> None:
    found = described("x", [str(uuid.UUID(int=one)) for one in range(_ROWS)])

    assert found.kind == ColumnKind.UUID
    assert found.reason == "100% of the texts read as UUIDs"


def test_digits_of_one_length_are_a_code_and_no_number() -> None:
    assert kind_of("x", [f"{one % 900:05}" for one in _NUMBERS]) == ColumnKind.CODE
    assert kind_of("x", [f"{one}" for one in range(50, 50 + _ROWS)]) == ColumnKind.TEXT_NUMBER
    assert kind_of("ref", [f"{one}" for one in range(50, 50 + _ROWS)]) == ColumnKind.KEY


def test_digits_that_measure_are_a_number_whatever_their_length() -> None:
    assert kind_of("age", [f"{18 + one % 70}" for one in _NUMBERS]) == ColumnKind.TEXT_NUMBER
    assert kind_of("price", [f"{one}" for one in _NUMBERS]) == ColumnKind.TEXT_NUMBER
    assert kind_of("page", [f"{18 + one % 70}" for one in _NUMBERS]) == ColumnKind.CODE


def test_addresses_of_both_kinds_are_no_key() -> None:
    both = [f"10.0.{n // 256}.{n % 256}" if n % 2 else f"2001:db8::{n:x}" for n in range(_ROWS)]

    assert kind_of("x", both) == ColumnKind.IP


def test_the_name_parts_postal_codes_and_phones_from_other_codes() -> None:
    digits = [f"{one % 900:05}" for one in _NUMBERS]
    british = [f"SW{one % 10} {one % 7}AB" for one in _NUMBERS]

    assert kind_of("zip", digits) == ColumnKind.POSTAL_CODE
    assert kind_of("postalCode", british) == ColumnKind.POSTAL_CODE
    assert kind_of("zip", [f"street {one}, a long way off" for one in digits]) != (
        ColumnKind.POSTAL_CODE
    )
    assert kind_of("phone", [f"030{one}" for one in digits]) == ColumnKind.PHONE
    assert kind_of("x", [f"030{one}" for one in digits]) == ColumnKind.CODE


def test_national_ids_need_the_name_or_many_beginnings() -> None:
    social = [f"{n % 665 + 1:03}-{n % 98 + 1:02}-{n % 9_998 + 1:04}" for n in _NUMBERS]
    insurance = [f"A{'BCEGHJ'[n % 6]} {n % 9_999:04} {n % 97:02}{'ABCD'[n % 4]}" for n in _NUMBERS]
    digits = [one.replace("-", "") for one in social]

    assert kind_of("x", social) == ColumnKind.NATIONAL_ID
    assert kind_of("ssn", digits) == ColumnKind.NATIONAL_ID
    assert kind_of("x", digits) != ColumnKind.NATIONAL_ID
    assert kind_of("national_id", insurance) == ColumnKind.NATIONAL_ID
    assert kind_of("x", insurance) != ColumnKind.NATIONAL_ID
    assert kind_of("pan", [f"ABCPD{n % 10_000:04}E" for n in _NUMBERS]) == ColumnKind.NATIONAL_ID
    assert kind_of("x", [f"ABCPD{n % 10_000:04}E" for n in _NUMBERS]) != ColumnKind.NATIONAL_ID
    assert "123" not in described("ssn", ["123-45-6789"] * 400).reason


def test_iso_codes_need_the_name_or_many_of_them() -> None:
    three = shuffled(["DE", "AT", "CH"] * 50)

    assert kind_of("country", three) == ColumnKind.ISO_CODE
    assert kind_of("x", three) == ColumnKind.CATEGORY
    assert kind_of("x", [*three, "FR", "IT", "ES", "PL", "SE"]) == ColumnKind.ISO_CODE
    assert kind_of("country", ["XA", "XB", "XC"] * 50) == ColumnKind.CATEGORY
    assert kind_of("currency", ["EUR", "USD"] * 50) == ColumnKind.ISO_CODE
    assert kind_of("x", ["DEU", "FRA", "ITA"] * 50) == ColumnKind.ISO_CODE
    assert kind_of("language", ["de", "fr"] * 50) == ColumnKind.ISO_CODE


@pytest.mark.parametrize("pair", [("Y", "N"), ("true", "false"), ("ja", "nein"), ("0", "1")])
def test_yes_and_no_are_a_flag(pair: tuple[str, str]) -> None:
    assert kind_of("x", shuffled(list(pair) * 60)) == ColumnKind.FLAG
    assert kind_of("x", shuffled([pair[0], "perhaps"] * 60)) == ColumnKind.CATEGORY


def test_texts_that_all_differ_are_a_key_if_they_read_as_codes() -> None:
    assert kind_of("x", [f"N{one}UA" for one in range(_ROWS)]) == ColumnKind.KEY
    assert kind_of("x", [f"{one:b}".translate({48: "A", 49: "B"}) for one in range(64, 999)]) == (
        ColumnKind.KEY
    )
    names = [f"{a}{b}{c}" for a in _WORDS for b in _WORDS for c in _WORDS[:5]]
    assert kind_of("x", names) == ColumnKind.FREE_TEXT
    assert kind_of("user_id", names) == ColumnKind.KEY
    assert kind_of("user_id", [f"{one} and more" for one in names]) == ColumnKind.FREE_TEXT


def test_codes_are_single_words_of_digits_or_capitals() -> None:
    airports = [f"{a}{b}" for a in "ABCDEFGH" for b in ("XY", "ZZ", "KL", "MW", "PQ")]

    assert kind_of("x", [f"K-{one % 97:06}" for one in _NUMBERS]) == ColumnKind.CODE
    assert kind_of("x", airports * 30) == ColumnKind.CODE
    assert kind_of("x", airports[:5] * 30) == ColumnKind.CATEGORY
    assert kind_of("x", [f"Brand#{one % 9}" for one in _NUMBERS]) == ColumnKind.CATEGORY
    assert kind_of("x", ["P1", "P2", "P3"] * 60) == ColumnKind.CATEGORY
    assert kind_of("error_code", ["E11", "E12", "E40"] * 60) == ColumnKind.CODE
    assert kind_of("x", ["2.1.0", "2.1.3", "3.0.1-rc1"] * 60) == ColumnKind.CODE
    assert kind_of("part_no", [one.lower() for one in airports] * 30) == ColumnKind.CODE


def test_a_category_shows_hardly_a_new_value() -> None:
    cities = [f"Town {one}" for one in RNG.integers(0, 60, 3_000)]

    assert kind_of("city", cities) == ColumnKind.CATEGORY
    assert kind_of("city", [f"Town {one}" for one in RNG.zipf(1.3, 900)]) == ColumnKind.FREE_TEXT
    assert kind_of("city", [f"{one} {'far ' * 20}" for one in cities]) == ColumnKind.FREE_TEXT


def test_sentences_are_free_text() -> None:
    assert kind_of("note", [" ".join(RNG.choice(_WORDS, 6)) for _ in range(_ROWS)]) == (
        ColumnKind.FREE_TEXT
    )


def test_one_text_is_a_constant_if_seen_often() -> None:
    assert kind_of("unit", ["C"] * 30) == ColumnKind.CONSTANT
    assert kind_of("unit", ["C"] * 5) == ColumnKind.FREE_TEXT
    assert described("unit", ["C"] * 300 + ["Cc"]).reason == "all but 1 of 301 values are the same"


def test_no_reason_shows_a_value() -> None:
    columns = [
        ["secret"] * 50,
        ["secret", "hidden"] * 50,
        [f"secret{one}" for one in range(90)],
        [f"secret {one} of all" for one in range(90)],
        [f"secret{one}@example.org" for one in range(90)],
    ]

    for values in columns:
        assert "secret" not in described("x", values).reason


@pytest.mark.parametrize("name", ["first_name", "lastName", "surname", "street", "customer name"])
def test_names_of_people_are_no_closed_list(name: str) -> None:
    people = ["Anna", "Ben", "Cleo"] * 400

    assert kind_of("branch", people) == ColumnKind.CATEGORY
    assert kind_of(name, people) == ColumnKind.FREE_TEXT
    assert described(name, people).reason.endswith("so others will come")
