"""Numbers that are written as text: with how many decimals, and what between thousands."""

import re
from dataclasses import dataclass, replace

import numpy as np

from worker.estimates import matching
from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Counts, Flags
from worker.patterns.number_patterns import NumberForm
from worker.ranges.rare import frequent

__all__ = ["numbers_in_text"]

_FEWEST = 100
_MORE_DIGITS = 1
"""Digits that greater numbers than the greatest seen may have."""
_MOST_DIGITS = 18
_WRITTEN = (("", "."), (",", "."), (".", ","), (" ", ","), ("'", "."), ("", ","))
"""What comes between thousands, and before decimal places; of two that fit the first counts."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """Parts of the different texts; those of a text that is no number do not count."""

    is_number: Flags
    negative: Flags
    digits: Counts
    places: Counts
    before: list[str]
    after: list[str]


def numbers_in_text(tolerated: float = 0.0, *, lenient: bool = False) -> Estimator:
    """Return the estimator of how numbers are written; a share of the rows may be other texts.

    A `lenient` one lets pass any sign, and fewer decimal places than the most that were seen.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        times = column.times(rows)
        if not column.is_text or times.sum() < _FEWEST:
            return None
        found = [(one, _parts(column, *one)) for one in _WRITTEN]
        (between, mark), parts = max(found, key=lambda one: times[one[1].is_number].sum())
        if not times[parts.is_number].any():
            return None
        form = replace(_form(parts, times, tolerated), between=between, mark=mark)
        if lenient:
            form = replace(form, negative=True, digits=_MOST_DIGITS, places=(0, form.places[1]))
        pattern = form.pattern
        failing = times[~matching.matches(column, pattern)].sum()
        if failing > tolerated * times.sum():
            return None
        return Estimate(
            "regex_match",
            {"regex": pattern},
            matching.failing(pattern),
            "Every text is a number, written in the same way.",
            1 / float(times.sum()),
        )

    return estimate


def _form(parts: _Parts, times: Counts, tolerated: float) -> NumberForm:
    times = np.where(parts.is_number, times, 0)
    seen = times > 0
    of_places = np.bincount(parts.places, times).astype(np.int64)
    places = np.flatnonzero(frequent(of_places, tolerated))
    first = int(np.argmax(times))
    return NumberForm(
        negative=bool(parts.negative[seen].any()),
        digits=min(int(parts.digits[seen].max()) + _MORE_DIGITS, _MOST_DIGITS),
        places=(int(places[0]), int(places[-1])),
        before=parts.before[first],
        after=parts.after[first],
    )


def _parts(column: Column, between: str, mark: str) -> _Parts:
    name = f"{__name__}{between}{mark}"
    kept = column.kept.get(name)
    if kept is None:
        kept = column.kept[name] = _cut(column, between, mark)
    found: _Parts = kept
    return found


def _cut(column: Column, between: str, mark: str) -> _Parts:
    groups = rf"(?:{re.escape(between)}[0-9]{{3}})*" if between else r"[0-9]*"
    head = "[0-9]{0,2}" if between else ""
    number = re.compile(
        rf"(-?)(\$?)(0|[1-9]{head}{groups})(?:{re.escape(mark)}([0-9]+))?([%$]?)", re.ASCII
    )
    found = [number.fullmatch(text) for text in column.different.to_pylist()]
    groups_of = [("", "", "", "", "") if one is None else one.groups("") for one in found]
    return _Parts(
        np.array([one is not None for one in found], dtype=bool),
        np.array([bool(one[0]) for one in groups_of], dtype=bool),
        np.array([sum(map(str.isdigit, one[2])) for one in groups_of], dtype=np.int64),
        np.array([len(one[3]) for one in groups_of], dtype=np.int64),
        [one[1] for one in groups_of],
        [one[4] for one in groups_of],
    )
