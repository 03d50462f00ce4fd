"""Lists, shapes, sets of characters, cases and keys of texts."""

import math
import time
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.estimates.columns import all_rows, arguments, column, estimated, failing
from worker.estimates.filled import filled, missing_together
from worker.estimates.keys import unique
from worker.estimates.letter_case import letter_case
from worker.estimates.lists import allowed_values, expected_of_scale, expected_unseen
from worker.estimates.mostly_filled import mostly_filled
from worker.estimates.no_digits import no_digits
from worker.estimates.numbers_in_text import numbers_in_text
from worker.estimates.plain_text import PLAIN_TEXTS, plain_text
from worker.estimates.shapes import shapes
from worker.estimates.words import words
from worker.kinds.column import Column
from worker.patterns.text_patterns import ONE_LINE, TRIMMED
from worker.ranges.rare import frequent, most_of_one
from worker.slips.misplaced import frequent_texts, values_elsewhere

_TOWNS = ["Berlin", "Paris", "Rome"] * 400


def test_a_list_holds_all_values_quoted_and_in_order() -> None:
    assert arguments(allowed_values(), column(["b", "a", "it's", "a\\b"] * 20)) == {
        "allowed": ["'a'", "'a\\\\b'", "'b'", "'it\\'s'"]
    }
    assert arguments(allowed_values(), column([3, 1, 2] * 20)) == {"allowed": [1, 2, 3]}


def test_a_list_of_all_rows_refuses_null() -> None:
    of_all, of_some = (
        estimated(allowed_values(), column(one)) for one in (_TOWNS, [None, *_TOWNS])
    )

    assert of_all is not None
    assert of_some is not None
    assert (of_all.function, of_some.function) == ("is_not_null_and_is_in_list", "is_in_list")
    more = column(["Rome", "Oslo", None])
    assert of_all.failing(more).tolist() == [False, True, True]
    assert of_some.failing(more).tolist() == [False, True, False]


def test_no_list() -> None:
    for values in (
        ["a", "b"] * 14,
        [*_TOWNS, "Oslo"],
        [f"town {at}" for at in range(51)] * 50,
        ["a" * 61, "b"] * 50,
        ["EU", "EU "] * 50,
        ["EU", "eu"] * 50,
        ["EU", " "] * 50,
        ["EU", "${spark.app.name}"] * 50,
        [0.5, 1.5] * 50,
    ):
        assert arguments(allowed_values(), column(values)) is None


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (0, pa.int64(), 0),
        (0.1, pa.float64(), 0.1),
        (0.5, pa.float32(), 0.5),
        (Decimal("1.50"), pa.decimal128(9, 2), Decimal("1.50")),
        (True, pa.bool_(), True),
        ("x", pa.string(), "'x'"),
    ],
)
def test_a_constant_of_any_type_is_a_list_of_one_value(
    value: object, kind: pa.DataType, written: object
) -> None:
    always, at_times = column([value] * 40, kind), column([*[value] * 40, None], kind)

    for of, function in ((always, "is_not_null_and_is_in_list"), (at_times, "is_in_list")):
        found = estimated(allowed_values(), of)
        assert found is not None
        assert (found.function, found.arguments) == (function, {"allowed": [written]})
        # A constant may change at any time, so each row without a change counts.
        assert found.expected == 1 / 40
        assert not found.failing(of).any()
    assert arguments(allowed_values(), column([value] * 29, kind)) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, b"x", date(2024, 1, 1)])
def test_some_constants_cannot_be_written(value: object) -> None:
    assert arguments(allowed_values(), column([value] * 40)) is None


def test_expected_unseen() -> None:
    assert expected_unseen(np.array([100, 100])) < 1e-40
    assert expected_unseen(np.array([100, 1])) == pytest.approx(np.exp(-1))


@pytest.mark.parametrize(
    "slip",
    ["berlin", "Berlin ", "Berln", "Berlinn", "Bxrlin", "Belrin", "", " ", "R\u00c3\u00b6me"],
)
def test_a_slip_is_no_value_of_a_tolerant_list(slip: str) -> None:
    assert failing(allowed_values(0.03), column([*_TOWNS, slip])) == [slip]
    assert arguments(allowed_values(), column([*_TOWNS, slip])) is None


def test_values_of_their_own_are_no_slips() -> None:
    assert arguments(allowed_values(0.03), column([*_TOWNS, *["Oslo"] * 12])) == {
        "allowed": ["'Berlin'", "'Oslo'", "'Paris'", "'Rome'"]
    }
    # Too frequent for slips.
    assert arguments(allowed_values(0.03), column([*_TOWNS, *["Romes"] * 9])) == {
        "allowed": ["'Berlin'", "'Paris'", "'Rome'", "'Romes'"]
    }


def test_thousands_of_texts_are_no_list() -> None:
    texts = column([f"place number {at % 1999}" for at in range(10_000)])

    assert arguments(allowed_values(0.03), texts) is None


def _codes(form: str, count: int = 600) -> list[str]:
    return [form.format(at * 37 % 1000) for at in range(count)]


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("K-{:04}", r"\AK\-[0-9]{4}\z"),
        ("{}/a", r"\A[0-9]{1,4}/a\z"),
        ("Customer#{:09}", r"\ACustomer\#[0-9]{9}\z"),
        ("\u00e9.{:03}", "\\A\u00e9\\.[0-9]{3}\\z"),
        ("\0{:03}", r"\A\x{00}[0-9]{3}\z"),
    ],
)
def test_the_shape_of_codes(form: str, pattern: str) -> None:
    codes = column(_codes(form))

    assert arguments(shapes(), codes) == {"regex": pattern}
    assert failing(shapes(), codes) == []


def test_several_shapes() -> None:
    codes = [*_codes("K-{:04}"), *_codes("{:04}X")]

    assert arguments(shapes(), column(codes)) == {"regex": r"\A(K\-[0-9]{4}|[0-9]{4}X)\z"}


@pytest.mark.parametrize("slip", ["k-0001", "K-0001 ", "K-00012", "K0001", "", "K-" + "1" * 70])
def test_a_rare_shape_is_a_slip(slip: str) -> None:
    codes = column([*_codes("K-{:04}"), slip])

    assert failing(shapes(0.03), codes) == [slip]
    strict = estimated(shapes(), codes)
    assert strict is None or not strict.failing(codes).any()


def test_no_shape() -> None:
    assert arguments(shapes(), column([*_codes("K-{:04}"), *[""] * 600])) is None
    assert arguments(shapes(), column(_codes("K-{:04}", 99))) is None
    assert (
        arguments(
            shapes(), column([form for at in range(5) for form in _codes("-" * at + "{:03}", 60)])
        )
        is None
    )
    assert arguments(shapes(), column(_codes("a-b-c-d-e-{}"))) is not None
    assert arguments(shapes(), column(_codes("a-b-c-d-e-f-{}"))) is None
    assert arguments(shapes(0.03), column([*_codes("K-{:04}"), *_codes("k-{:04}", 60)])) is None


def test_names_of_several_words_have_no_shape() -> None:
    towns = ["Rome", "New York", "Great Falls", "Salt Lake City"] * 200

    assert arguments(shapes(), column(towns)) is None
    assert arguments(shapes(), column([*["AB CD", "EF GH"] * 200])) == {
        "regex": r"\A[A-Z]{2} [A-Z]{2}\z"
    }
    assert arguments(shapes(), column([f"Gate {at % 40}" for at in range(400)])) is not None


def test_beside_shapes_that_are_rare_a_rarer_one_is_no_slip() -> None:
    airports = [*(f"A{at % 26 + 65:c}K" for at in range(900)), *_codes("0{}A", 30)]

    assert arguments(shapes(0.03), column([*airports, "369"])) is None
    assert failing(shapes(0.03), column([*airports, *_codes("0{}A", 60), "369"])) == ["369"]


def test_plain_text_is_the_strictest_that_all_texts_keep_to() -> None:
    ascii_, one_line, readable, trimmed = PLAIN_TEXTS
    for text, pattern in (
        ("a b", ascii_),
        ("\u00e9 b", one_line),
        ("a\nb", readable),
        ("\u00c3\u00a9", trimmed),
        ("caf\ufffd", trimmed),
        ("a\x0eb", trimmed),
    ):
        assert arguments(plain_text(), column(["word", text] * 60)) == {"regex": pattern}
    for blank in ("a\t", "\va", "a\n", " a", ""):
        assert arguments(plain_text(), column(["word", blank] * 60)) is None
    assert arguments(plain_text(), column(["word"] * 59)) is None


def test_plain_text_tolerates_few() -> None:
    texts = column([*["w\u00f6rd"] * 200, "w\u00c3\u00b6rd", None])
    padded = column([*["w\u00c3\u00b6rd"] * 200, "word "])

    assert failing(plain_text([ONE_LINE], 0.03), texts) == ["w\u00c3\u00b6rd"]
    assert arguments(plain_text([ONE_LINE], 0.001), texts) is None
    assert failing(plain_text([TRIMMED], 0.03), padded) == ["word "]


@pytest.mark.parametrize(
    ("case", "right", "wrong"),
    [("lower", "a\u00df1", "A"), ("upper", "\u00c91", "\u00df"), ("upper", "A", "\ufb01")],
)
def test_letter_case(case: str, right: str, wrong: str) -> None:
    assert arguments(letter_case(), column([right] * 100)) == {"case": case}
    assert failing(letter_case(0.03), column([*[right] * 100, wrong])) == [wrong]
    assert arguments(letter_case(), column([right] * 99)) is None
    assert arguments(letter_case(), column(["a", "B"] * 99)) is None


def test_unique() -> None:
    keys = [f"k{at}" for at in range(200)]

    assert arguments(unique(), column([*keys, None, None])) == {}
    assert arguments(unique(), column(keys[:99])) is None
    assert arguments(unique(), column([*keys, "k1"])) is None
    assert failing(unique(0.03), column([*keys, "k1"])) == ["k1"]
    assert arguments(unique(0.03), column([*keys, *keys[:4]])) is None
    assert failing(unique(0.03), column([*keys, " k1", "k2 "])) == []
    # To Spark these are one number, to Arrow two.
    assert failing(unique(0.03), column([*map(float, range(200)), -0.0])) == [0.0, -0.0]
    assert failing(unique(0.03), column([*range(200), 5])) == [5]


@pytest.mark.parametrize(
    ("missing", "limit"), [(1, 0.98), (4, 0.98), (10, 0.95), (25, 0.9), (60, 0.8), (100, 0.7)]
)
def test_mostly_filled(missing: int, limit: float) -> None:
    values = column([*range(1000 - missing), *[None] * missing])
    found = estimated(mostly_filled, values)

    assert found is not None
    assert found.arguments["limit"] == limit
    assert found.expected < 0.001
    assert not found.flagged(values, all_rows(values)).any()


@pytest.mark.parametrize("values", [[*range(1000)], [*range(800), *[None] * 101], [1, None] * 9])
def test_full_columns_optional_ones_and_few_rows_have_no_such_limit(values: list[Any]) -> None:
    assert estimated(mostly_filled, column(values)) is None


def test_a_limit_flags_all_rows_of_a_load_or_none() -> None:
    values = column([*range(990), *[None] * 10, *[None] * 60, *range(940)])
    first = np.arange(2000) < 1000
    found = mostly_filled(values, first)

    assert found is not None
    assert not found.flagged(values, first).any()
    assert (found.flagged(values, ~first) == ~first).all()
    assert not found.flagged(values, np.arange(2000) >= 1060).any()


def test_filled() -> None:
    assert arguments(filled(), column([*range(1000), None, None])) == {}
    assert arguments(filled(), column([*range(1000), *[None] * 4])) is None
    assert arguments(filled(), column([*range(900), None])) is None


def test_more_rows_may_lack_a_value_that_lack_another_one_too() -> None:
    short = [*range(990), *[None] * 10]
    other = [*["a"] * 990, *[None] * 10]
    apart = [*[None] * 10, *range(990)]
    few = [*range(996), *[None] * 4]
    named = zip("abcde", (short, other, apart, few, few), strict=True)
    columns = [Column(name, pa.array(values)) for name, values in named]

    assert missing_together(columns) == {"a", "b"}
    assert arguments(filled(), column(short)) is None
    assert arguments(filled(together=True), column(short)) == {}
    assert arguments(filled(together=True), column([*short, None])) is None


def test_short_texts_have_no_digits_if_a_few_have_some() -> None:
    names = [*["Anna", "Ben", None] * 600, "Car1"]

    assert failing(no_digits, column(names)) == ["Car1"]
    assert arguments(no_digits, column([*names, "B2", "C3", "D4"])) is None
    # Meant, as it occurs twice.
    assert arguments(no_digits, column([*names[:-1], "4 Cycle", "4 Cycle"])) is None
    # A word of its own, or an ordinal number, belongs to the name.
    assert arguments(no_digits, column([*names[:-1], "Long Beach 2"])) is None
    assert arguments(no_digits, column([*names[:-1], "1st Avenue"])) is None
    assert arguments(no_digits, column(names[900:])) is None
    assert arguments(no_digits, column([f"{'long ' * 8}text {one}" for one in names])) is None
    assert arguments(no_digits, column(list(range(2000)))) is None


def test_of_short_codes_many_differ_in_one_letter() -> None:
    codes = ["UA", "AA", "DL"] * 400

    assert arguments(allowed_values(0.03), column([*codes, "HA"])) is None
    assert failing(allowed_values(0.03), column([*codes, "ua"])) == ["ua"]
    assert failing(allowed_values(0.03), column([*_TOWNS, "Rone"])) == ["Rone"]


@pytest.mark.parametrize("wrong", ["K-4711", "Mr. Brown", "in a town by the sea"])
def test_a_rare_value_of_another_kind_is_no_value_of_a_list(wrong: str) -> None:
    assert failing(allowed_values(0.03), column([*_TOWNS, wrong])) == [wrong]
    assert failing(allowed_values(0.03), column([*_TOWNS, *[wrong] * 20])) == []


def test_a_rare_value_that_is_frequent_in_another_column_is_no_value_of_a_list() -> None:
    towns, streets = [*_TOWNS, "High"], [*["High", "Main"] * 600, "Rome"]
    columns = [Column(name, pa.array(one)) for name, one in (("town", towns), ("street", streets))]
    elsewhere = values_elsewhere({one.path: frequent_texts(one) for one in columns})

    assert "High" in elsewhere["town"]
    assert "Rome" not in elsewhere["town"]
    assert failing(allowed_values(0.03, elsewhere["town"]), column(towns)) == ["High"]
    assert arguments(allowed_values(0.03), column(towns)) is None


def test_values_of_a_column_alike_are_not_elsewhere() -> None:
    home, away = [*_TOWNS, *["Bonn"] * 10], [*_TOWNS, "Bonn"]
    elsewhere = values_elsewhere(
        {
            name: frequent_texts(Column(name, pa.array(one)))
            for name, one in (("home", home), ("away", away), ("road", ["A1", "Bonn"] * 600))
        }
    )

    assert "Bonn" in elsewhere["away"]
    assert "A1" in elsewhere["away"]
    assert "Paris" not in elsewhere["away"]
    without_road = values_elsewhere(
        {"home": frequent_texts(Column("home", pa.array(home))), "away": frozenset(_TOWNS)}
    )
    assert "Bonn" not in without_road["away"]


def test_thousands_of_columns_alike_are_compared_in_no_time() -> None:
    texts = [frozenset(f"v{one}" for one in range(at % 60, at % 60 + 50)) for at in range(2000)]
    began = time.process_time()

    elsewhere = values_elsewhere({f"c{at}": one for at, one in enumerate(texts)})

    assert "v100" in elsewhere["c1"]
    assert "v30" not in elsewhere["c1"]
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("times", "closed"),
    [
        ({1: 90, 2: 80, 3: 90, 4: 70, 5: 60}, True),
        ({0: 90, 7: 80, 19: 70}, True),
        ({**dict.fromkeys(range(1, 9), 90), 10: 80}, False),
        ({0: 400, 1: 90, 2: 14}, False),
        ({0: 400, 1: 20}, True),
    ],
)
def test_a_scale_of_whole_numbers_has_no_gap_and_does_not_fade_out(
    times: Mapping[int, int], closed: bool
) -> None:
    values = [one for one, count in times.items() for _ in range(count)]

    assert (arguments(allowed_values(), column(values)) is not None) == closed


def test_a_value_that_should_have_been_seen_is_not_expected() -> None:
    scale = np.array([0, 1, 2])

    assert expected_of_scale(scale, np.array([500, 400, 390])) < 1e-9
    assert expected_of_scale(scale, np.array([500, 100, 10])) == pytest.approx(np.exp(-1))
    assert expected_of_scale(scale, np.array([100, 200, 300])) == 0
    assert expected_of_scale(np.array([0, 1, 3]), np.array([300, 200, 300])) == 1


def test_what_is_rare() -> None:
    assert (most_of_one(100), most_of_one(10_000)) == (3, 20)
    assert frequent(np.array([900, 3, 0, 4]), 0.03).tolist() == [True, False, False, True]
    assert frequent(np.array([90, 3, 3]), 0.03).tolist() == [True, True, True]


_LETTERS = list("aAz09 .-\t\n\u00e9\u00df\u00c3\0\U0001f600'\\")


@pytest.mark.parametrize("seed", range(30))
def test_no_text_fails_a_strict_estimate_of_its_own(seed: int) -> None:
    rng = np.random.default_rng(seed)
    letters = rng.choice(_LETTERS, rng.integers(1, len(_LETTERS) + 1), replace=False)
    some = ["".join(rng.choice(letters, rng.integers(0, 5))) for _ in range(rng.integers(1, 30))]
    texts = column([some[at] for at in rng.integers(0, len(some), 500)], pa.string())
    for strict, tolerant in (
        (allowed_values(), allowed_values(0.03)),
        (shapes(), shapes(0.03)),
        (words(), words(0.03)),
        (numbers_in_text(), numbers_in_text(0.03)),
        (plain_text(bounded=True), plain_text(tolerated=0.03)),
        (letter_case(), letter_case(0.03)),
        (unique(), unique(0.03)),
    ):
        found, findings = estimated(strict, texts), estimated(tolerant, texts)
        assert found is None or not found.failing(texts).any()
        assert findings is None or findings.failing(texts).mean() <= 0.03
