"""Short texts without digits, such as names, of which a few have some."""

import pyarrow as pa
import pyarrow.compute as pc

from worker.estimates import matching
from worker.estimates.estimate import Estimate
from worker.kinds.column import Column, Flags
from worker.patterns.text_patterns import DIGITS
from worker.ranges.rare import most_of_one

__all__ = ["no_digits"]

_FEWEST = 1000
_LONGEST = 40
"""Characters, on average. A longer text may well have a number in it."""

_MEANT = r"[A-Za-z][^A-Za-z0-9]+[0-9]|[0-9](st|nd|rd|th)\b"
"""A number beside words, or an ordinal one, belongs to a name: Long Beach 2, 1st Street."""


def no_digits(column: Column, rows: Flags) -> Estimate | None:
    """Estimate that texts have no digits, if next to all of them have none."""
    if not column.is_text:
        return None
    times = column.times(rows)
    count = int(times.sum())
    found = matching.matches(column, DIGITS)
    with_digits = times[found]
    failing = int(with_digits.sum())
    # What occurs more than once is meant, such as an engine of 4 cycles.
    if count < _FEWEST or failing > most_of_one(count) or with_digits.max(initial=0) > 1:
        return None
    if pc.any(pc.match_substring_regex(column.different.filter(pa.array(found)), _MEANT)).as_py():
        return None
    if (pc.mean(pc.utf8_length(column.different)).as_py() or 0) > _LONGEST:
        return None
    return Estimate(
        "regex_match",
        {"regex": DIGITS, "negate": True},
        lambda other: other.where(matching.matches(other, DIGITS)),
        "Next to all texts have no digits.",
        float(failing),
    )
