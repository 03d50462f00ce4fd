"""Text without blanks around it and without characters that no text of the column has."""

from collections.abc import Callable, Sequence

import pyarrow.compute as pc

from worker.estimates import matching
from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Counts, Flags
from worker.patterns.letter_cases import (
    LONGEST_OF_WORDS,
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
    ONE_LINE,
    PADDED,
    PADDED_NO_CAPITALS,
    PADDED_READABLE,
    READABLE,
    TRIMMED,
    WITH_LENGTH,
    up_to,
)
from worker.ranges.text_lengths import greatest_length, lengths_of

__all__ = ["OF_ONE_CASE", "PLAIN_TEXTS", "plain_text", "plain_texts"]

_FEWEST = 60
OF_ONE_CASE = (NO_CAPITALS, CAPITALS, PADDED_NO_CAPITALS)
_ONE_LINE_OF_ONE_CASE = (ONE_LINE_NO_CAPITALS, ONE_LINE_CAPITALS)
_WORDS, _ONE_LINE_WORDS = (TITLE, WORDS), (ONE_LINE_TITLE, ONE_LINE_WORDS)
_MIXED, _ONE_LINE_MIXED = (MIXED, NOT_CAPITALS), (ONE_LINE_MIXED, ONE_LINE_NOT_CAPITALS)
PLAIN_TEXTS = (ASCII, ONE_LINE, READABLE, TRIMMED)
"""From strict to lenient."""
_PADDED = (PADDED_NOT_CAPITALS, PADDED, PADDED_READABLE)
_OF_WORDS = frozenset({*_WORDS, *_ONE_LINE_WORDS})
_OF_MIXED_CASE = frozenset({*_MIXED, *_ONE_LINE_MIXED, PADDED_NOT_CAPITALS})
_SMALL, _CAPITAL, _LARGE_FIRST = "[a-z]", "[A-Z]", r"\A[^A-Za-z]*[A-Z]"
_ANY_SMALL, _ANY_CAPITAL, _ANY_LARGE_FIRST = r"\p{Ll}", r"\p{Lu}", r"\A[^\p{L}]*\p{Lu}"
_LETTERS = {
    NO_CAPITALS: _SMALL,
    CAPITALS: _CAPITAL,
    PADDED_NO_CAPITALS: _SMALL,
    ONE_LINE_NO_CAPITALS: _ANY_SMALL,
    ONE_LINE_CAPITALS: _ANY_CAPITAL,
    MIXED: r"\A[A-Z]",
    NOT_CAPITALS: _SMALL,
    PADDED_NOT_CAPITALS: _SMALL,
    ONE_LINE_MIXED: r"\A\p{Lu}",
    ONE_LINE_NOT_CAPITALS: _ANY_SMALL,
    BEGINS_LARGE: r"\A[A-Z]",
    ONE_LINE_BEGINS_LARGE: r"\A\p{Lu}",
    TITLE: _LARGE_FIRST,
    WORDS: _LARGE_FIRST,
    ONE_LINE_TITLE: _ANY_LARGE_FIRST,
    ONE_LINE_WORDS: _ANY_LARGE_FIRST,
}
"""What most texts of a case have."""
_SEVERAL_WORDS = {
    TITLE: r"[A-Z].*[^A-Za-z][A-Z]",
    ONE_LINE_TITLE: r"\p{Lu}.*[^\p{L}]\p{Lu}",
}
"""What shows that words beside the first begin with a capital, too."""
_BEYOND_ASCII = frozenset(
    {*_ONE_LINE_OF_ONE_CASE, *_ONE_LINE_WORDS, *_ONE_LINE_MIXED, ONE_LINE_BEGINS_LARGE}
)
_ANY_LETTERS = _BEYOND_ASCII | {ONE_LINE, READABLE, TRIMMED, PADDED_READABLE}
_FIRST = 50
_OTHER_LETTERS = 0.02
"""Texts of the next load that are expected to have a letter beyond ASCII where none had so far."""
_MOST = 0.5
_SOME = 0.05
"""The least share of the texts that have several words, for a rule about words."""
_SHOUTED, _SHOUTED_SHARE = r"\p{Lu}\p{Lu}", 0.005
"""Two capitals in a row, and the share of texts with them above which one may be an acronym."""
_TITLE = "Every word begins with a capital and has no other."
_BEGIN_WORDS = "Every text begins with a capital, and has no other but where words begin."
_REASONS = {
    NO_CAPITALS: "Every text is printable ASCII, without capital letters and blanks around it.",
    CAPITALS: "Every text is printable ASCII, without small letters and blanks around it.",
    BEGINS_LARGE: (
        "Every text is printable ASCII, has no blanks around it and begins with no small letter."
    ),
    PADDED_NO_CAPITALS: "Every text is printable ASCII without capital letters.",
    PADDED: "Every text is printable ASCII.",
    ASCII: "Every text is printable ASCII and has no blanks around it.",
    ONE_LINE: "Every text is one line, has no blanks around it and was read in the right encoding.",
    READABLE: "Every text was read in the right encoding, and has no blanks around it.",
    PADDED_READABLE: "Every text was read in the right encoding.",
    TRIMMED: "No text has blanks around it.",
    TITLE: _TITLE,
    WORDS: _BEGIN_WORDS,
    ONE_LINE_TITLE: _TITLE,
    ONE_LINE_WORDS: _BEGIN_WORDS,
    MIXED: "Every text is printable ASCII, begins with no small letter and has one later.",
    NOT_CAPITALS: "Every text is printable ASCII and has a small letter.",
    PADDED_NOT_CAPITALS: "Every text is printable ASCII and has a small letter.",
    ONE_LINE_NO_CAPITALS: "Every text is one line without capital letters and blanks around it.",
    ONE_LINE_CAPITALS: "Every text is one line without small letters and blanks around it.",
    ONE_LINE_MIXED: "Every text is one line, begins with no small letter and has one later.",
    ONE_LINE_NOT_CAPITALS: "Every text is one line and has a small letter.",
    ONE_LINE_BEGINS_LARGE: "Every text is one line and begins with no small letter.",
}


def plain_texts(*, bounded: bool = True) -> list[Estimator]:
    """Return the estimators of texts, from strict to lenient, with lengths unless not `bounded`."""
    choices = [
        OF_ONE_CASE,
        _ONE_LINE_OF_ONE_CASE,
        _WORDS,
        _ONE_LINE_WORDS,
        _MIXED,
        _ONE_LINE_MIXED,
        [BEGINS_LARGE],
        [ONE_LINE_BEGINS_LARGE],
        PLAIN_TEXTS,
        [READABLE, TRIMMED],
        _PADDED,
        [PADDED_READABLE],
    ]
    with_length = [one for one in (OF_ONE_CASE, [BEGINS_LARGE], PLAIN_TEXTS) if bounded]
    return [
        plain_text(one, bounded=with_bound)
        for one in choices
        for with_bound in ((True, False) if one in with_length else (False,))
    ]


def plain_text(
    choices: Sequence[str] = PLAIN_TEXTS, tolerated: float = 0.0, *, bounded: bool = False
) -> Estimator:
    """Return the estimator of the first set of characters to which all texts keep.

    A `tolerated` share of the rows may have others. If the length is `bounded`, no text may be much
    longer than the longest; there is no estimate if texts may have any length.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_text:
            return None
        times = column.times(rows)
        count = int(times.sum())
        found = _first_that_fits(choices, column, times, tolerated)
        if count < _FEWEST or found is None:
            return None
        least = max(1 / _shown_by(found, column, times), _least_expected(found))
        if not bounded:
            return _estimate(found, _REASONS[found], least)
        longest = greatest_length(column, rows)
        if longest is None or found not in WITH_LENGTH:
            return None
        reason, expected = f"{_REASONS[found]} {longest.reason}", max(least, longest.expected)
        return Estimate(
            "regex_match",
            {"regex": up_to(found, longest.most)},
            _failing_or_longer(found, longest.most),
            reason,
            expected,
        )

    return estimate


def _first_that_fits(
    choices: Sequence[str], column: Column, times: Counts, tolerated: float
) -> str | None:
    most = tolerated * times.sum()
    few = _few(column)
    for one in choices:
        if one in _BEYOND_ASCII and _is_ascii(column):
            continue
        # Most patterns fail for one of a few texts, which takes no time to see.
        if times[: few.distinct][~matching.matches(few, one)].sum() > most:
            continue
        fails = times[~matching.matches(column, one)].sum() > most
        if not fails and _says_something(one, column, times):
            return one
    return None


def _is_ascii(column: Column) -> bool:
    """Return whether all texts are ASCII, for which patterns of any letters are not needed."""
    name = f"{__name__} ASCII"
    if name not in column.kept:
        column.kept[name] = bool(pc.all(pc.string_is_ascii(column.different)).as_py())
    return bool(column.kept[name])


def _few(column: Column) -> Column:
    """Return the first of the different texts."""
    kept = column.kept.get(__name__)
    if kept is None:
        kept = column.kept[__name__] = Column(column.path, column.different.slice(0, _FIRST))
    found: Column = kept
    return found


def _says_something(pattern: str, column: Column, times: Counts) -> bool:
    """Return whether the texts show what the pattern is about: those of digits have no case."""
    count = times.sum()
    letters = _LETTERS.get(pattern)
    if letters and times[matching.matches(column, letters)].sum() < _MOST * count:
        return False
    if pattern in _OF_WORDS and lengths_of(column)[times > 0].max(initial=0) > LONGEST_OF_WORDS:
        return False
    if pattern in _OF_MIXED_CASE:
        return bool(times[matching.matches(column, _SHOUTED)].sum() <= _SHOUTED_SHARE * count)
    return pattern not in _SEVERAL_WORDS or _shown_by(pattern, column, times) >= _SOME * count


def _shown_by(pattern: str, column: Column, times: Counts) -> int:
    """Return how many of the rows could have spoken against a pattern."""
    several = _SEVERAL_WORDS.get(pattern)
    shows = times if several is None else times[matching.matches(column, several)]
    return int(shows.sum())


def _least_expected(pattern: str) -> float:
    return 0.0 if pattern in _ANY_LETTERS else _OTHER_LETTERS


def _failing_or_longer(pattern: str, most: int) -> Callable[[Column], Flags]:
    """Return a function that flags the rows that do not match, or are longer.

    The pattern without a length was matched before, and to match a length takes as long again.
    """
    return lambda column: column.where(
        ~matching.matches(column, pattern) | (lengths_of(column) > most)
    )


def _estimate(pattern: str, reason: str, expected: float) -> Estimate:
    return Estimate("regex_match", {"regex": pattern}, matching.failing(pattern), reason, expected)
