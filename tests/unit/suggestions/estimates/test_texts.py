"""Lists, patterns, formats, cases and keys of texts."""

import re
import time

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.suggestions.estimates.columns import arguments, column, estimated, failing
from worker.checks.text_patterns import ONE_LINE, TRIMMED
from worker.suggestions.estimates import patterns
from worker.suggestions.estimates.filled import filled
from worker.suggestions.estimates.formats import FORMATS, format_of
from worker.suggestions.estimates.keys import unique
from worker.suggestions.estimates.letter_case import letter_case
from worker.suggestions.estimates.lists import allowed_values, expected_unseen
from worker.suggestions.estimates.plain_text import PLAIN_TEXTS, plain_text
from worker.suggestions.estimates.rare import frequent, most_of_one
from worker.suggestions.estimates.shapes import shapes
from worker.suggestions.kinds.column_kind import ColumnKind

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


def test_thousands_of_texts_cost_little() -> None:
    texts = column([f"place number {at % 1999}" for at in range(10_000)])
    began = time.process_time()

    assert arguments(allowed_values(0.03), texts) is None
    assert time.process_time() - began < 0.1


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


def test_plain_text_is_the_strictest_that_all_texts_keep_to() -> None:
    ascii_, one_line, trimmed = PLAIN_TEXTS
    for text, pattern in (
        ("a b", ascii_),
        ("\u00e9 b", one_line),
        ("\u00c3\u00a9", trimmed),
        ("a\nb", trimmed),
    ):
        assert arguments(plain_text(), column(["word", text] * 60)) == {"regex": pattern}
    for blank in ("", " ", " a", "a ", "a\t", "\va", "a\n"):
        assert arguments(plain_text(), column(["word", blank] * 60)) is None
    assert arguments(plain_text(), column(["word"] * 99)) is None


def test_plain_text_tolerates_few() -> None:
    texts = column([*["w\u00f6rd"] * 200, "w\u00c3\u00b6rd", None])
    padded = column([*["w\u00c3\u00b6rd"] * 200, "word "])

    assert failing(plain_text([ONE_LINE], 0.03), texts) == ["w\u00c3\u00b6rd"]
    assert arguments(plain_text([ONE_LINE], 0.001), texts) is None
    assert failing(plain_text([TRIMMED], 0.03), padded) == ["word "]


_VALID = {
    ColumnKind.EMAIL: "ann.o'neill+{}@mail-1.example.com",
    ColumnKind.URL: "https://example.com:80/{}/~a?b=c&d=%20#e",
    ColumnKind.UUID: "123e4567-e89b-12d3-a456-4266141740{:02}",
    ColumnKind.IP: "192.168.0.{}",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_formats(kind: ColumnKind) -> None:
    texts = [_VALID[kind].format(at) for at in range(10, 99)]

    assert arguments(format_of(kind), column(texts)) == {}
    assert arguments(format_of(kind), column(texts[:29])) is None
    assert arguments(format_of(kind), column([*texts, "?"])) is None
    assert failing(format_of(kind, 0.03), column([*texts, f"{texts[0]} "])) == [f"{texts[0]} "]
    assert arguments(format_of(ColumnKind.JSON), column(texts)) is None


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


def test_filled() -> None:
    assert arguments(filled, column([*range(1000), None, None])) == {}
    assert arguments(filled, column([*range(1000), *[None] * 4])) is None
    assert arguments(filled, column([*range(900), None])) is None


def test_what_is_rare() -> None:
    assert (most_of_one(100), most_of_one(10_000)) == (3, 20)
    assert frequent(np.array([900, 3, 0, 4]), 0.03).tolist() == [True, False, False, True]
    assert frequent(np.array([90, 3, 3]), 0.03).tolist() == [True, True, True]


def _emitted() -> list[str]:
    codes = [*_codes("K-{:04}"), *_codes("{}X"), *_codes("a.b.c.d.e.{}"), *_codes("Q{0}q{0}")]
    found = arguments(shapes(), column(codes))
    assert found is not None
    return [*PLAIN_TEXTS, found["regex"]]


def test_patterns_take_linear_time() -> None:
    worst = [
        "a" * 100_000 + " ",
        "a " * 50_000,
        "a" + " b" * 50_000 + "\n",
        " " * 100_000,
        "0" * 100_000,
        "\u00c3" * 100_000,
        "K-" * 50_000,
        "a.b.c.d.e." * 10_000,
    ]
    for pattern in _emitted():
        form = re.sub(r"\\x\{(..)\}", r"\\x\1", pattern).replace(r"\z", r"\Z")
        # A repetition without an end within another one takes exponential time.
        assert not re.search(r"[*+][^()]*\)[*+{]", form)
        compiled = re.compile(form)
        for text in worst:
            began = time.process_time()
            told = compiled.search(text) is not None
            assert time.process_time() - began < 0.1
            assert told == patterns.matches(column([text]), pattern)[0]


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
        (plain_text(), plain_text(tolerated=0.03)),
        (letter_case(), letter_case(0.03)),
        (unique(), unique(0.03)),
    ):
        found, findings = estimated(strict, texts), estimated(tolerant, texts)
        assert found is None or not found.failing(texts).any()
        assert findings is None or findings.failing(texts).mean() <= 0.03
