r"""Text without blanks around it and without characters that no text of the column has.

The patterns are anchored with \A and \z, as DQX's own are: in Java `$` also matches before a line
break at the end. No part of a pattern can match a text in two ways, so the time is linear.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates import patterns
from worker.suggestions.estimates.estimate import Estimate, Estimator

__all__ = ["MARKED", "PLAIN_TEXTS", "TRIMMED", "PlainText", "plain_text"]

_FEWEST = 100


@dataclass(frozen=True, slots=True)
class PlainText:
    """A set of characters, and a pattern for texts of it that begin and end with no blank."""

    pattern: str
    words: str
    """What a text is."""


_ASCII = PlainText(r"\A[!-~]([ -~]*[!-~])?\z", "plain ASCII without blanks around")
_ONE_LINE = PlainText(
    r"\A[^\s\x{C2}\x{C3}]([^\t-\r\x{C2}\x{C3}]*[^\s\x{C2}\x{C3}])?\z",
    "one line without blanks around",
)
_TRIMMED = PlainText(r"\A\S([\s\S]*\S)?\z", "without blanks around")
PLAIN_TEXTS: Sequence[PlainText] = (_ASCII, _ONE_LINE, _TRIMMED)
"""From strict to lenient.

Of the second, a text fails that was read in the wrong encoding: UTF-8 that is taken for Latin-1
shows as a capital A with circumflex or tilde.
"""
MARKED: Sequence[PlainText] = (_ONE_LINE,)
TRIMMED: Sequence[PlainText] = (_TRIMMED,)


def plain_text(choices: Sequence[PlainText] = PLAIN_TEXTS, tolerated: float = 0.0) -> Estimator:
    """Return the estimator of the first set of characters to which all texts keep.

    A `tolerated` share of the rows may have others.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        if not column.is_text:
            return None
        times = column.times(rows)
        count = int(times.sum())
        for one in choices:
            failing = times[~patterns.matches(column, one.pattern)].sum()
            if count >= _FEWEST and failing <= tolerated * count:
                return Estimate(
                    "regex_match",
                    {"regex": one.pattern},
                    patterns.failing(one.pattern),
                    f"Every text is {one.words}.",
                    1 / count,
                )
        return None

    return estimate
