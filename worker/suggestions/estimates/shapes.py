r"""Shapes of codes: `K-004711` has the shape `K\-[0-9]{6}`.

A text is cut into runs of digits, of capital and of small letters, and single other characters.
Texts of the same runs, whatever their lengths, have one shape. The pattern is the alternation of
the shapes; each is a sequence of classes with bounded lengths, so that it is matched in linear
time. A run that is the same letters in every text of a shape stays as it is.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from worker.suggestions.column import Column, Counts, Flags
from worker.suggestions.estimates import patterns
from worker.suggestions.estimates.estimate import Estimate, Estimator
from worker.suggestions.estimates.lists import expected_unseen
from worker.suggestions.estimates.rare import frequent, most_of_one

__all__ = ["shapes"]

_FEWEST = 100
_MOST_SHAPES = 4
_MOST_SEEN = 100
"""Shapes that are looked at, those of wrong values among them."""
_MOST_RUNS = 12
_MOST_TEXTS = 20
"""Different texts of a run that are counted."""
_LONGEST = 60
"""Characters of a code."""
_MOST_EXPECTED = 0.1
_RUN = re.compile(r"[0-9]+|[A-Z]+|[a-z]+|[^0-9A-Za-z]")
_CLASSES = {"0": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}


@dataclass(slots=True)
class _Run:
    """A run of all texts of one shape, with how many rows have each length and each text."""

    kind: str
    lengths: Counter[int] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)

    def add(self, piece: str, times: int) -> None:
        self.lengths[len(piece)] += times
        if piece in self.texts or len(self.texts) < _MOST_TEXTS:
            self.texts[piece] += times

    def pattern(self, tolerated: float) -> str:
        texts = frequent(self.texts, tolerated)
        if len(texts) == 1 and self.kind != "0":
            return patterns.escaped(texts[0])
        lengths = frequent(self.lengths, tolerated)
        if len(lengths) == 1:
            many = f"{{{lengths[0]}}}"
        else:
            # One more or less than was seen: runs that vary may vary a little more.
            many = f"{{{max(1, min(lengths) - 1)},{max(lengths) + 1}}}"
        return _CLASSES[self.kind] + ("" if many == "{1}" else many)


@dataclass(slots=True)
class _Shape:
    runs: Sequence[_Run]
    rows: int = 0


def shapes(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of the shapes of codes, if they are few and each is seen often.

    Of a `tolerated` share of the rows, rare shapes are left out.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        times = column.times(rows)
        if not column.is_text or times.sum() < _FEWEST:
            return None
        found = _main_shapes(_shapes(column, times), tolerated)
        if not 0 < len(found) <= _MOST_SHAPES:
            return None
        expected = expected_unseen(np.array([one.rows for one in found]))
        pattern = _pattern(found, tolerated)
        failing = times[~patterns.matches(column, pattern)].sum()
        if expected > _MOST_EXPECTED or failing > tolerated * times.sum():
            return None
        one = "this shape" if len(found) == 1 else "one of these shapes"
        return Estimate(
            "regex_match",
            {"regex": pattern},
            patterns.failing(pattern),
            f"Every value has {one}.",
            expected,
        )

    return estimate


def _shapes(column: Column, times: Counts) -> Mapping[str, _Shape]:
    """Return the shapes of the texts that occur by their runs; none if they are too many."""
    found: dict[str, _Shape] = {}
    seen = times > 0
    texts = column.different.filter(pa.array(seen)).to_pylist()
    for text, count in zip(texts, times[seen].tolist(), strict=True):
        pieces = _RUN.findall(text) if len(text) <= _LONGEST else []
        if not 0 < len(pieces) <= _MOST_RUNS:
            pieces = []
        kinds = [_kind(one) for one in pieces]
        name = "".join(kinds)
        if name not in found and len(found) == _MOST_SEEN:
            return {}
        shape = found.setdefault(name, _Shape([_Run(one) for one in kinds]))
        shape.rows += count
        for run, piece in zip(shape.runs, pieces, strict=True):
            run.add(piece, count)
    return found


def _main_shapes(found: Mapping[str, _Shape], tolerated: float) -> Sequence[_Shape]:
    """Return the shapes of all texts but those that are rare, and of variants of others.

    None if those are more than the tolerated share, or are no slips.
    """
    rows = sum(one.rows for one in found.values())
    ordered = sorted(found, key=lambda one: -found[one].rows)
    main: list[str] = []
    for name in ordered:
        slip = found[name].rows <= most_of_one(rows) or _is_variant(name, main)
        if not tolerated or not slip:
            main.append(name)
    # Texts that are empty, long or of many runs have no shape.
    if "" in main or sum(found[one].rows for one in main) < (1 - tolerated) * rows:
        return ()
    return [found[one] for one in main]


def _is_variant(name: str, main: Sequence[str]) -> bool:
    """Return whether a shape is one of the others but for its case, or for blanks around."""
    folded = {one.casefold() for one in main}
    return name.strip() in main or name.casefold() in folded


def _pattern(found: Sequence[_Shape], tolerated: float) -> str:
    parts = sorted("".join(run.pattern(tolerated) for run in one.runs) for one in found)
    inner = parts[0] if len(parts) == 1 else f"({'|'.join(parts)})"
    return rf"\A{inner}\z"


def _kind(piece: str) -> str:
    first = piece[0]
    if "0" <= first <= "9":
        return "0"
    if "A" <= first <= "Z":
        return "A"
    return "a" if "a" <= first <= "z" else first
