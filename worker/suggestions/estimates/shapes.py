r"""Shapes of codes: `K-004711` has the shape `K-\d{6}`.

A text is cut into runs of digits, of capital and of small letters, and single other characters.
Texts of the same runs, whatever their lengths, have one shape. The pattern is the alternation of
all shapes; each is a sequence of classes with bounded lengths, so that it is matched in linear
time. A run that is the same letters in every text of a shape stays as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.estimate import Estimate
from worker.suggestions.estimates.lists import expected_unseen
from worker.suggestions.estimates.patterns import escaped, failing_pattern, matches

__all__ = ["shape_of_codes"]

_FEWEST = 100
_MOST_SHAPES = 4
_MOST_RUNS = 12
_LONGEST = 60
"""Characters of a code."""
_MOST_EXPECTED = 0.1
_RUN = re.compile(r"[0-9]+|[A-Z]+|[a-z]+|[^0-9A-Za-z]")
_CLASSES = {"0": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}


@dataclass(slots=True)
class _Run:
    """A run of all texts of one shape."""

    kind: str
    texts: set[str]
    shortest: int
    longest: int
    lengths: dict[int, int]

    def pattern(self) -> str:
        if len(self.texts) == 1 and self.kind != "0":
            return escaped(next(iter(self.texts)))
        least, most = self.shortest, self._most()
        many = f"{{{least}}}" if least == most else f"{{{self._least()},{most}}}"
        return _CLASSES[self.kind] + ("" if many == "{1}" else many)

    def _most(self) -> int:
        # One more, if runs of the greatest length are rare: longer ones may come.
        return self.longest if len(self.lengths) == 1 else self.longest + 1

    def _least(self) -> int:
        return max(1, self.shortest - 1)


def shape_of_codes(column: Column, rows: Flags) -> Estimate | None:
    """Estimate the shapes of a column of codes, if they are few and each is seen often."""
    codes = column.codes[rows]
    counts = np.bincount(codes[codes >= 0], minlength=column.distinct)
    if not pa.types.is_string(column.values.type) or counts.sum() < _FEWEST:
        return None
    seen = counts > 0
    found = _shapes(column.different.filter(pa.array(seen)).to_pylist(), counts[seen])
    if found is None:
        return None
    shapes, times = found
    expected = expected_unseen(np.array(times))
    if expected > _MOST_EXPECTED:
        return None
    parts = ["".join(run.pattern() for run in runs) for runs in shapes]
    inner = parts[0] if len(parts) == 1 else f"({'|'.join(sorted(parts))})"
    pattern = rf"\A{inner}\z"
    if not matches(column, pattern)[seen].all():
        return None
    return Estimate(
        "regex_match",
        {"regex": pattern},
        lambda other: failing_pattern(other, pattern),
        "Every value has this shape."
        if len(parts) == 1
        else "Every value has one of these shapes.",
        expected,
    )


def _shapes(texts: Sequence[str], counts: np.ndarray) -> tuple[list[list[_Run]], list[int]] | None:
    """Return the shapes of texts and how many rows have each; None if there are too many."""
    shapes: dict[str, list[_Run]] = {}
    times: dict[str, int] = {}
    for text, count in zip(texts, counts.tolist(), strict=True):
        if not text or len(text) > _LONGEST:
            return None
        pieces = _RUN.findall(text)
        if len(pieces) > _MOST_RUNS:
            return None
        kinds = "".join(_kind(one) for one in pieces)
        if (runs := shapes.get(kinds)) is None:
            if len(shapes) == _MOST_SHAPES:
                return None
            runs = shapes[kinds] = [_Run(_kind(one), set(), len(one), 0, {}) for one in pieces]
        times[kinds] = times.get(kinds, 0) + count
        for run, piece in zip(runs, pieces, strict=True):
            length = len(piece)
            if len(run.texts) < 2:
                run.texts.add(piece)
            run.shortest, run.longest = min(run.shortest, length), max(run.longest, length)
            run.lengths[length] = run.lengths.get(length, 0) + count
    return list(shapes.values()), list(times.values())


def _kind(piece: str) -> str:
    first = piece[0]
    if "0" <= first <= "9":
        return "0"
    if "A" <= first <= "Z":
        return "A"
    return "a" if "a" <= first <= "z" else first
