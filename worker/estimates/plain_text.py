"""Text without blanks around it and without characters that no text of the column has."""

from collections.abc import Sequence

from worker.checks.text_patterns import (
    ASCII,
    BEGINS_LARGE,
    CAPITALS,
    NO_CAPITALS,
    ONE_LINE,
    PADDED,
    PADDED_NO_CAPITALS,
    TRIMMED,
)
from worker.estimates import patterns
from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags

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


def plain_text(choices: Sequence[str] = PLAIN_TEXTS, tolerated: float = 0.0) -> Estimator:
    """Return the estimator of the first set of characters to which all texts keep.

    A `tolerated` share of the rows may have others.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_text:
            return None
        times = column.times(rows)
        count = int(times.sum())
        for one in choices:
            if (letters := _LETTERS.get(one)) is not None:
                with_letters = times[patterns.matches(column, letters)].sum()
                if with_letters < _MOST * count:
                    continue
            failing = times[~patterns.matches(column, one)].sum()
            if count >= _FEWEST and failing <= tolerated * count:
                return Estimate(
                    "regex_match",
                    {"regex": one},
                    patterns.failing(one),
                    _REASONS[one],
                    1 / count,
                )
        return None

    return estimate
