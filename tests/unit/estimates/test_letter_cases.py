"""Patterns of texts by their case: of one, of words, or not of capitals alone."""

import re

import pytest

from tests.unit.estimates.columns import arguments, column, estimated, failing
from worker.estimates import matching
from worker.estimates.plain_text import OF_ONE_CASE, plain_text, plain_texts
from worker.kinds.column import Column
from worker.patterns.letter_cases import (
    MIXED,
    NOT_CAPITALS,
    ONE_LINE_BEGINS_LARGE,
    ONE_LINE_CAPITALS,
    ONE_LINE_MIXED,
    ONE_LINE_NO_CAPITALS,
    ONE_LINE_NOT_CAPITALS,
    ONE_LINE_TITLE,
    ONE_LINE_WORDS,
    PADDED_NOT_CAPITALS,
    TITLE,
    WORDS,
)
from worker.patterns.text_patterns import (
    ASCII,
    BEGINS_LARGE,
    CAPITALS,
    NO_CAPITALS,
    PADDED_NO_CAPITALS,
    PADDED_READABLE,
)


@pytest.mark.parametrize(
    ("texts", "pattern", "wrong"),
    [
        (["web", "by post", "7"], NO_CAPITALS, ["Web", "web ", "", "w\u00e9b"]),
        (["AB1", "C D", "7"], CAPITALS, ["Ab1", " AB1", "\u00c9"]),
        (["a b", "c, d "], PADDED_NO_CAPITALS, ["a B", "a\tb"]),
        (["k\u00f6ln", "d, e", "7"], ONE_LINE_NO_CAPITALS, ["K\u00f6ln", "k\u00f6ln ", "\u00c9"]),
        (["K\u00d6LN", "D, E", "7"], ONE_LINE_CAPITALS, ["K\u00f6LN", "K\u00d6LN ", "D\u00c3"]),
    ],
)
def test_texts_of_one_case(texts: list[str], pattern: str, wrong: list[str]) -> None:
    right = column(texts * 60)

    assert _of_chain(right) == [pattern]
    assert matching.failing(pattern)(column(wrong)).all()


def test_texts_with_few_letters_or_of_both_cases_have_none() -> None:
    for texts in (["2024-01-01", "1"], ["1", "2", "a"], ["a b", "B", "aB"]):
        assert arguments(plain_text(OF_ONE_CASE), column(texts * 60)) is None


@pytest.mark.parametrize(
    ("texts", "pattern", "wrong"),
    [
        (["El Paso", "Lyon"], TITLE, ["El paso", "EL PASO", "el Paso", "lyon", "LYON", "Lyon "]),
        (["Saint-Denis", "Lyon 3"], TITLE, ["Saint-denis", "LYON", "3 lyon"]),
        (["M\u00e1laga", "New York"], ONE_LINE_TITLE, ["New york", "M\u00c1LAGA", "m\u00e1laga"]),
        (["Fixed wing", "Glider"], WORDS, ["fixed wing", "FIXED WING", "fIXED WING", "Fixed  "]),
        (
            ["Garc\u00eda", "Weber"],
            ONE_LINE_WORDS,
            ["garc\u00eda", "GARC\u00cdA", "Garc\u00c3\u00ada"],
        ),
        (["A McDonald", "Bo"], MIXED, ["A MCDONALD", "a McDonald", "BO", " Bo"]),
        (["Lo, " * 20 + "iPad.", "\u00c9a"], ONE_LINE_MIXED, ["LO, IPAD", "lo", "L\u00c3\u00a9"]),
        (["so it is", "It is, J"], NOT_CAPITALS, ["SO IT IS", "so ", "S\u00e9"]),
        (["so it is", "\u00c9a is"], ONE_LINE_NOT_CAPITALS, ["SO IT IS", "so ", "s\u00c3\u00a9"]),
        (["of a text ", " A part"], PADDED_NOT_CAPITALS, ["OF A TEXT", "", "a\u00e9"]),
        (["On AIR, MD", "Two"], BEGINS_LARGE, ["on Air", " Two", "Two\n"]),
        (["On AIR, \u00c9D", "Two"], ONE_LINE_BEGINS_LARGE, ["on Air", " Two", "T\u00c3"]),
        (["so", "a\nb \u00e9 "], PADDED_READABLE, ["s\u00c3\u00a9", "a\x07", "\ufffd"]),
    ],
)
def test_the_case_of_texts(texts: list[str], pattern: str, wrong: list[str]) -> None:
    found = _of_chain(column([*texts * 60, *texts[:1] * 80]))

    assert found[0] == pattern
    assert matching.failing(pattern)(column(wrong)).all()


def test_single_words_show_no_case_of_others() -> None:
    names = column(["Anna", "Bo"] * 60)

    assert _of_chain(names) == [WORDS]
    assert not matching.failing(WORDS)(column(["Anna Maria", "Anna maria"])).any()


def test_only_texts_of_several_words_speak_for_all_words() -> None:
    towns = [*["M\u00e1laga"] * 270, *["New York"] * 30]

    found = estimated(plain_text([ONE_LINE_TITLE]), column(towns))

    assert found is not None
    assert found.expected == 1 / 30
    assert _of_chain(column([*["M\u00e1laga"] * 290, *["New York"] * 10])) == [ONE_LINE_WORDS]


def test_texts_among_which_some_have_an_acronym_may_be_one() -> None:
    towns = ["Laredo AFB", "iA", *["An iPad or McDonald"] * 98]

    assert _of_chain(column(towns * 3)) == [ASCII]
    assert _of_chain(column(towns[2:] * 3)) == [MIXED]


def test_long_texts_have_no_pattern_of_words() -> None:
    assert _of_chain(column(["Word " * 12 + "end"] * 100)) == [MIXED]


def _of_chain(texts: Column) -> list[str]:
    """Return the pattern of the first estimator that gives one, without a length; none of none."""
    for one in plain_texts():
        if (found := arguments(one, texts)) is not None:
            assert failing(one, texts) == []
            return [re.sub(r"\{0,\d{3,}\}", "*", str(found["regex"]))]
    return []
