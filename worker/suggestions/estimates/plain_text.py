r"""Text without blanks around it and without characters that no text of the column has.

The patterns are anchored with \A and \z, as DQX's own are: in Java `$` also matches before a line
break at the end. No part of a pattern can match a text in two ways, so the time is linear.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate
from worker.suggestions.estimates.patterns import failing_pattern, matches

__all__ = ["PLAIN_TEXTS", "PlainText", "plain_text", "trimmed_text"]

_FEWEST = 100


@dataclass(frozen=True, slots=True)
class PlainText:
    """A set of characters, and a pattern for texts of it that begin and end with no blank."""

    pattern: str
    words: str
    """What a text is."""


PLAIN_TEXTS: Sequence[PlainText] = (
    PlainText(r"\A[!-~]([ -~]*[!-~])?\z", "plain ASCII without blanks around"),
    PlainText(
        r"\A[^\s\x{C2}\x{C3}]([^\t-\r\x{C2}\x{C3}]*[^\s\x{C2}\x{C3}])?\z",
        "one line without blanks around",
    ),
    PlainText(r"\A\S([\s\S]*\S)?\z", "without blanks around"),
)
"""From strict to lenient. Of the second, a text that was read in the wrong encoding fails: UTF-8 that
is taken for Latin-1 shows as capital A with circumflex or tilde."""


def plain_text(column: Column, rows: Flags) -> Estimate | None:
    """Estimate the strictest set of characters that all texts keep to."""
    return _strictest(column, rows, PLAIN_TEXTS)


def trimmed_text(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that no text has blanks around it."""
    return _strictest(column, rows, PLAIN_TEXTS[-1:])


def _strictest(column: Column, rows: Flags, choices: Sequence[PlainText]) -> Estimate | None:
    codes = column.codes[rows]
    codes = codes[codes >= 0]
    if not pa.types.is_string(column.values.type) or len(codes) < _FEWEST:
        return None
    for one in choices:
        if matches(column, one.pattern)[codes].all():
            return Estimate(
                "regex_match",
                {"regex": one.pattern},
                lambda other, pattern=one.pattern: failing_pattern(other, pattern),
                f"Every text is {one.words}.",
                1 / len(codes),
            )
    return None
