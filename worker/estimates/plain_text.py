"""Text without blanks around it and without characters that no text of the column has."""

from collections.abc import Sequence

from worker.checks.text_patterns import ASCII, ONE_LINE, TRIMMED
from worker.estimates import patterns
from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags

__all__ = ["PLAIN_TEXTS", "plain_text"]

_FEWEST = 100
PLAIN_TEXTS = (ASCII, ONE_LINE, TRIMMED)
"""From strict to lenient."""
_REASONS = {
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
