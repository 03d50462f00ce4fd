"""Text without blanks around it and without characters that no text of the column has."""

from collections.abc import Sequence

from worker.estimates import matching
from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Counts, Flags
from worker.patterns.text_patterns import (
    ASCII,
    BEGINS_LARGE,
    CAPITALS,
    NO_CAPITALS,
    ONE_LINE,
    PADDED,
    PADDED_NO_CAPITALS,
    TRIMMED,
    WITH_LENGTH,
    up_to,
)
from worker.ranges.text_lengths import greatest_length

__all__ = ["OF_ONE_CASE", "PLAIN_TEXTS", "plain_text"]

_FEWEST = 100
PLAIN_TEXTS = (ASCII, ONE_LINE, TRIMMED, PADDED)
"""From strict to lenient."""
OF_ONE_CASE = (NO_CAPITALS, CAPITALS, PADDED_NO_CAPITALS, BEGINS_LARGE)
_LETTERS = {
    NO_CAPITALS: "[a-z]",
    CAPITALS: "[A-Z]",
    PADDED_NO_CAPITALS: "[a-z]",
    BEGINS_LARGE: r"\A[A-Z]",
}
"""What most texts of one case have."""
_ANY_LETTERS = frozenset({ONE_LINE, TRIMMED})
_OTHER_LETTERS = 0.02
"""Texts of the next load that are expected to have a letter beyond ASCII where none had so far."""
_MOST = 0.5
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
    TRIMMED: "No text has blanks around it.",
}


def plain_text(
    choices: Sequence[str] = PLAIN_TEXTS, tolerated: float = 0.0, *, bounded: bool = False
) -> Estimator:
    """Return the estimator of the first set of characters to which all texts keep.

    A `tolerated` share of the rows may have others. If the length is `bounded`, no text may be much
    longer than the longest; it gives nothing if that may be of any length.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_text:
            return None
        times = column.times(rows)
        count = int(times.sum())
        found = _first_that_fits(choices, column, times, tolerated)
        if count < _FEWEST or found is None:
            return None
        least = 1 / count if found in _ANY_LETTERS else max(1 / count, _OTHER_LETTERS)
        if not bounded:
            return _estimate(found, _REASONS[found], least)
        longest = greatest_length(column, rows)
        if longest is None or found not in WITH_LENGTH:
            return None
        reason, expected = f"{_REASONS[found]} {longest.reason}", max(least, longest.expected)
        return _estimate(up_to(found, longest.most), reason, expected)

    return estimate


def _first_that_fits(
    choices: Sequence[str], column: Column, times: Counts, tolerated: float
) -> str | None:
    count = times.sum()
    for one in choices:
        letters = _LETTERS.get(one)
        if letters and times[matching.matches(column, letters)].sum() < _MOST * count:
            continue
        if times[~matching.matches(column, one)].sum() <= tolerated * count:
            return one
    return None


def _estimate(pattern: str, reason: str, expected: float) -> Estimate:
    return Estimate("regex_match", {"regex": pattern}, matching.failing(pattern), reason, expected)
