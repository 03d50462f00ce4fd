"""No text takes an engine that backtracks long: the steps grow as the text does, not faster."""

import re

import pytest

from tests.unit.estimates.backtracking import steps
from tests.unit.estimates.columns import arguments, column
from worker.estimates import matching
from worker.estimates.plain_text import OF_ONE_CASE, PLAIN_TEXTS
from worker.estimates.shapes import shapes
from worker.patterns import letter_cases
from worker.patterns.number_patterns import NumberForm
from worker.patterns.text_patterns import (
    BEGINS_LARGE,
    DIGITS,
    PADDED,
    PADDED_READABLE,
    WITH_LENGTH,
    up_to,
    word_of,
)


def _shapes() -> str:
    forms = ("K-{:04}", "{}X", "a.b.c.d.{0}.{0}", "Q{0}q{0}")
    found = arguments(
        shapes(), column([one.format(at * 37 % 1000) for one in forms for at in range(600)])
    )
    assert found is not None
    return str(found["regex"])


_EMITTED = [
    *PLAIN_TEXTS,
    *OF_ONE_CASE,
    *(PADDED, PADDED_READABLE, BEGINS_LARGE),
    *(one for one in vars(letter_cases).values() if str(one).startswith(r"\A")),
    *(up_to(one, most) for one in sorted(WITH_LENGTH) for most in (2, 40, 1000)),
    word_of("0-9a-f", 32, 32),
    word_of(r"0-9A-Za-z_\-", 1, 400),
    *(
        NumberForm(
            negative=True, digits=18, places=places, mark=",", between=between, before="$"
        ).pattern
        for between in ("", ".", " ", "'")
        for places in ((0, 0), (0, 3), (2, 2), (1, 3))
    ),
    _shapes(),
]
_PIECES = [
    *("a", "A", "0", "1", " ", "a ", " b", "\u00c3", "\n", "K-", "Q1q1", "a.b.c.d.e.", "-", "$"),
    *("Ab b", "A\u00e9 A", "a Aa", "Ab-a", "\u00c9"),
    *("1.234", ".234", " 234", "'234", "1,2", "f0", "_-"),
]
_ENDS = ["", " ", "\n", "x", "\u00c3", ",", ",5"]
_LENGTH = 64
_OF_PYTHON = (
    (r"\\x\{(..)\}", r"\\x\1"),
    (r"\\x\{(....)\}", r"\\u\1"),
    (r"\\p\{Lu\}", "A-Z\u00c0-\u00d6\u00d8-\u00de"),
    (r"\\p\{Ll\}", "a-z\u00df-\u00f6\u00f8-\u00ff"),
    (r"\\z", r"\\Z"),
)
"""What Python writes in another way, of letters those of Latin-1."""


def _form(pattern: str) -> str:
    """Return a pattern as Python reads it."""
    for ours, form in _OF_PYTHON:
        pattern = re.sub(ours, form, pattern)
    return pattern


def _text(piece: str, end: str, length: int) -> str:
    return (piece * length)[:length] + end


@pytest.mark.parametrize("pattern", [*_EMITTED, DIGITS])
def test_a_text_of_twice_the_length_takes_at_most_about_twice_the_steps(pattern: str) -> None:
    form = _form(pattern)
    for piece in _PIECES:
        for end in _ENDS:
            short, long = (
                steps(form, _text(piece, end, length))[0] for length in (_LENGTH, 2 * _LENGTH)
            )
            assert long <= 2.5 * short + 50, (piece, end)


def test_steps_show_what_takes_longer() -> None:
    text = "a" * 15

    assert steps(r"\A([a-z]+)*\Z", text + "!")[0] > 2**15
    assert (
        steps(r"\A[a-z]*[a-z]*\Z", text * 10 + "!")[0]
        > 3 * steps(r"\A[a-z]*[a-z]*\Z", text * 5 + "!")[0]
    )


@pytest.mark.parametrize("pattern", _EMITTED)
def test_spark_arrow_and_the_steps_match_the_same_texts(pattern: str) -> None:
    texts = [_text(piece, end, length) for piece in _PIECES for end in _ENDS for length in (1, 7)]
    form = _form(pattern)

    found = matching.matches(column(texts), pattern)

    for at, text in zip(column(texts).codes.tolist(), texts, strict=True):
        assert steps(form, text)[1] == bool(re.match(form, text)) == found[at], text
