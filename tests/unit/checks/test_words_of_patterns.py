"""The words of the patterns of texts: each has some, and they come to the point."""

import pytest

from worker.patterns import letter_cases, text_patterns
from worker.patterns.letter_cases import (
    MIXED,
    ONE_LINE_NOT_CAPITALS,
    ONE_LINE_WORDS,
    PADDED_NOT_CAPITALS,
    TITLE,
)
from worker.patterns.text_patterns import PADDED_READABLE, readable_pattern

_PATTERNS = {
    str(one)
    for module in (letter_cases, text_patterns)
    for one in vars(module).values()
    if str(one).startswith(r"\A")
}
_SHOWN = 44
"""Characters of a rule that the backend shows."""
_COLUMN = "a_column "


@pytest.mark.parametrize("pattern", sorted(_PATTERNS))
def test_the_backend_shows_what_a_pattern_is_about(pattern: str) -> None:
    words = readable_pattern(pattern)

    assert words is not None
    assert len(_COLUMN + words[0]) <= _SHOWN


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (TITLE, "begins each word with a capital (and has no other, ASCII, no blanks around)"),
        (ONE_LINE_WORDS, "has capitals only to begin words (a capital first, no blanks around)"),
        (MIXED, "is ASCII, not all in capitals (no small letter first, no blanks around)"),
        (PADDED_NOT_CAPITALS, "is ASCII, not all in capitals"),
        (ONE_LINE_NOT_CAPITALS, "is one line, not all in capitals (no blanks around)"),
        (PADDED_READABLE, "is readable (no control or garbled characters)"),
        (r"\Av[0-9]+\.[0-9]+\.[0-9]+\z", "has the form vd….d….d…"),
    ],
)
def test_the_words_of_patterns(pattern: str, words: str) -> None:
    assert "".join(readable_pattern(pattern) or ()) == words
