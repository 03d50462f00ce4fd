"""How long texts are, and which characters codes without a shape have."""

import numpy as np
import pytest

from tests.unit.estimates.columns import arguments, column, estimated, failing
from worker.estimates import matching
from worker.estimates.plain_text import plain_text
from worker.estimates.words import words
from worker.patterns.text_patterns import ASCII, ONE_LINE, READABLE, up_to, word_of

_RNG = np.random.default_rng(25)
_NOTES = [f"note {one} {'word ' * int(one % 30)}end" for one in _RNG.integers(0, 9_000, 600)]
_HEX = [f"{one:016x}" for one in _RNG.integers(2**60, 2**63, 300).tolist()]


@pytest.mark.parametrize(("end", "pattern"), [("", ASCII), ("\u00e9", ONE_LINE), ("\na", READABLE)])
def test_texts_may_be_a_little_longer_than_the_longest(end: str, pattern: str) -> None:
    texts = column([f"{one}{end}" for one in _NOTES])

    found = arguments(plain_text(bounded=True), texts)

    assert found in [{"regex": up_to(pattern, most)} for most in (200, 300, 400)]
    assert failing(plain_text(bounded=True), texts) == []


@pytest.mark.parametrize("end", ["", "\u00e9", "\na"])
def test_a_text_fails_that_the_pattern_with_its_length_does_not_match(end: str) -> None:
    found = estimated(plain_text(bounded=True), column([f"{one}{end}" for one in _NOTES]))
    assert found is not None
    pattern = found.arguments["regex"]
    most = int(pattern.split("{0,")[1].split("}")[0]) + 2
    others = column(
        [letter * length for letter in "a\u65e5\U0001d11e" for length in (1, most, most + 1)]
        + ["", " a", "a\n", "a" * most + " ", "\u00c3" * 3, None]
    )

    assert found.failing(others).tolist() == matching.failing(pattern)(others).tolist()


def test_texts_of_several_lengths_may_be_twice_as_long_even_if_many_reach_an_end() -> None:
    cut = column([one.replace(" ", "_")[:60] for one in _NOTES])
    same = column([f"{one.replace(' ', '_'):_>200}"[-200:] for one in _NOTES])

    assert arguments(plain_text(bounded=True), cut) == {"regex": up_to(ASCII, 200)}
    assert arguments(plain_text(bounded=True), same) == {"regex": up_to(ASCII, 200)}


def test_no_length() -> None:
    endless = [f"{one} {'x' * int(one)}" for one in 40 / _RNG.uniform(0, 1, 600)]
    for texts in (["a", "bc"] * 100, [f"{'x' * 980}{one}" for one in _NOTES], endless):
        assert arguments(plain_text(bounded=True), column(texts)) is None
        assert arguments(plain_text(), column(texts)) == {"regex": ASCII}


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        (_HEX, word_of("0-9a-f", 16, 16)),
        ([one.upper() for one in _HEX], word_of("0-9A-F", 16, 16)),
        ([f"{one}G" for one in _HEX], word_of("0-9A-Za-z", 17, 17)),
        ([f"z{one}" for one in _HEX], word_of("0-9a-z", 17, 17)),
        ([f"{one}-_Z" for one in _HEX], word_of(r"0-9A-Za-z_\-", 19, 19)),
        ([one[at % 3 :] for at, one in enumerate(_HEX)], word_of("0-9a-f", 14, 16)),
    ],
)
def test_words_have_characters_and_a_length(texts: list[str], pattern: str) -> None:
    assert arguments(words(), column(texts)) == {"regex": pattern}


@pytest.mark.parametrize("wrong", ["f" * 15, "F" * 16, "f" * 15 + "g", "", "f" * 16 + " "])
def test_a_few_other_words_are_findings(wrong: str) -> None:
    assert failing(words(0.03), column([*_HEX, wrong])) == [wrong]
    strict = arguments(words(), column([*_HEX, wrong]))
    assert strict != {"regex": word_of("0-9a-f", 16, 16)}


def test_no_words() -> None:
    for texts in (
        _HEX[:99],
        [f"{one} a" for one in _HEX],
        [f"{one}#" for one in _HEX],
        ["f" * 16] * 200,
        # There may be other lengths.
        [*_HEX, "f" * 15, "f" * 14],
        [*_HEX, ""],
    ):
        assert arguments(words(), column(texts)) is None
    assert arguments(words(), column(list(range(200)))) is None
