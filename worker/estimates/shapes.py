r"""Shapes of codes: `K-004711` has the shape `K\-[0-9]{6}`.

A text is cut into runs of digits, of capital and of small letters, and single other characters.
Texts of the same runs, whatever their lengths, have one shape. The pattern is the alternation of
the shapes; each is a sequence of classes with bounded lengths, so that it is matched in linear
time. A run that is the same letters in every text of a shape stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.estimates import matching
from worker.estimates.estimate import Estimate, Estimator
from worker.estimates.lists import expected_unseen
from worker.kinds.column import Column, Counts, Flags
from worker.patterns.text_runs import CLASSES, names_of_runs
from worker.ranges.rare import frequent, most_of_one
from worker.ranges.text_lengths import lengths_of

__all__ = ["shapes"]

_FEWEST = 100
_MOST_SHAPES = 4
_MOST_SEEN = 100
"""Shapes that are looked at, those of wrong values among them."""
_LEAST_OF_MAIN = 0.05
"""The share of the rows for the rarest of several shapes, if others are slips."""
_MOST_RUNS = 12
_LONGEST = 60
"""Characters of a code."""
_MOST_EXPECTED = 0.1
_NUMBER = "[0-9]+"
_SHORT, _OF_ADDRESS = 2, 3
"""Digits. Numbers that all have more, such as 2024, do not grow; 192 of a network address may."""
_ADDRESS = ".0" * 3
_WITH_POINTS = re.compile(r"(?<![A.])0(\.0)+(?!\.)|0(\.0){2,}")
"""In the name of a shape: numbers with points between them, but for one after capitals: E11.9."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of digits, or of letters, of all texts of one shape."""

    kind: str
    pieces: pa.DictionaryArray
    """By text."""
    may_grow: int = 0
    """Digits of a part of a version or the like, up to which it grows even if all have as many."""

    @property
    def varies(self) -> bool:
        """Whether it is longer in some texts than in others."""
        ends = pc.min_max(pc.utf8_length(self.pieces.dictionary))
        return bool(ends["min"].as_py() != ends["max"].as_py())

    def pattern(self, times: Counts, tolerated: float) -> str:
        """Return what the run is in texts that occur so often."""
        pieces = self.pieces.dictionary
        rows = np.bincount(self.pieces.indices, times, len(pieces)).astype(np.int64)
        usual = np.flatnonzero(frequent(rows, tolerated))
        if len(usual) == 1 and self.kind != "0":
            return matching.escaped(pieces[int(usual[0])].as_py())
        of_lengths = np.bincount(pc.utf8_length(pieces), rows).astype(np.int64)
        lengths = np.flatnonzero(frequent(of_lengths, tolerated)).tolist()
        if self.may_grow and not _is_fixed(pieces, usual, self.may_grow):
            return _NUMBER
        if len(lengths) == 1:
            many = f"{{{lengths[0]}}}"
        else:
            # One more or less than was seen: runs that vary may vary a little more.
            many = f"{{{max(1, min(lengths) - 1)},{max(lengths) + 1}}}"
        return CLASSES[self.kind] + ("" if many == "{1}" else many)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The texts of one shape."""

    runs: Sequence[_Run | str]
    """Those that are not of digits or letters are characters, the same in every text."""
    texts: Counts
    """Their numbers as different values of the column."""

    def rows(self, times: Counts) -> int:
        """Return in how many rows the shape occurs."""
        return int(times[self.texts].sum())

    def pattern(self, times: Counts, tolerated: float) -> str:
        """Return the pattern of the shape."""
        own = times[self.texts]
        return "".join(
            matching.escaped(run) if isinstance(run, str) else run.pattern(own, tolerated)
            for run in self.runs
        )


def shapes(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of the shapes of codes, if they are few and each is seen often.

    Of a `tolerated` share of the rows, rare shapes are left out.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        times = column.times(rows)
        if not column.is_text or times.sum() < _FEWEST:
            return None
        found = _main_shapes(_shapes(column), times, tolerated)
        if not 0 < len(found) <= _MOST_SHAPES or _are_words(found):
            return None
        expected = expected_unseen(np.array([one.rows(times) for one in found]))
        pattern = _pattern(found, times, tolerated)
        failing = times[~matching.matches(column, pattern)].sum()
        if expected > _MOST_EXPECTED or failing > tolerated * times.sum():
            return None
        one = "this form" if len(found) == 1 else "one of these forms"
        return Estimate(
            "regex_match",
            {"regex": pattern},
            matching.failing(pattern),
            f"Every value has {one} (d: a digit, A: a capital, a: a small letter, …: more of it).",
            expected,
        )

    return estimate


def _shapes(column: Column) -> Mapping[str, _Shape]:
    """Return the shapes of the different texts by their runs; none if they are too many."""
    kept = column.kept.get(__name__)
    if kept is None:
        kept = column.kept[__name__] = _cut(column)
    found: Mapping[str, _Shape] = kept
    return found


def _cut(column: Column) -> Mapping[str, _Shape]:
    texts = column.different
    long = pa.array(lengths_of(column) > _LONGEST)
    names = names_of_runs(pc.if_else(long, "", texts))
    shapeless = pc.greater(pc.utf8_length(names), _MOST_RUNS)
    encoded = pc.if_else(shapeless, "", names).dictionary_encode()
    if len(encoded.dictionary) > _MOST_SEEN:
        return {}
    of_texts = encoded.indices.to_numpy()
    found = {}
    for number, name in enumerate(encoded.dictionary.to_pylist()):
        numbers = np.flatnonzero(of_texts == number)
        found[name] = _Shape(_runs(name, texts.take(pa.array(numbers))), numbers)
    return found


def _runs(name: str, texts: pa.StringArray) -> Sequence[_Run | str]:
    """Return the runs of texts of the shape of a name."""
    groups = (
        f"(?P<r{at}>{CLASSES[one]}+)" if one in CLASSES else matching.escaped(one)
        for at, one in enumerate(name)
    )
    cut = pc.extract_regex(texts, rf"\A{''.join(groups)}\z")
    may_grow = _may_grow(name)
    return [
        _Run(one, cut.field(f"r{at}").dictionary_encode(), may_grow) if one in CLASSES else one
        for at, one in enumerate(name)
    ]


def _may_grow(name: str) -> int:
    """Return the most digits of numbers that may still grow; 0 if a shape has no points in numbers.

    Beside numbers such as 1.2.3, others of the shape may grow, too: 1.2.3-rc1.
    """
    if _WITH_POINTS.search(name) is None:
        return 0
    return _OF_ADDRESS if _ADDRESS in name else _SHORT


def _is_fixed(pieces: pa.StringArray, usual: Counts, may_grow: int) -> bool:
    """Return whether all numbers have as many digits: zeros lead, or they are long."""
    texts = [pieces[int(at)].as_py() for at in usual]
    if any(len(one) > 1 and one.startswith("0") for one in texts):
        return True
    return min(map(len, texts)) == max(map(len, texts)) > may_grow


def _main_shapes(shapes: Mapping[str, _Shape], times: Counts, tolerated: float) -> Sequence[_Shape]:
    """Return the shapes of all texts but those that are rare, and of variants of others.

    None if those are more than the tolerated share, or are no slips.
    """
    counted = {name: one.rows(times) for name, one in shapes.items()}
    rows = sum(counted.values())
    main: list[str] = []
    for name in sorted(counted, key=lambda one: -counted[one]):
        slip = counted[name] <= most_of_one(rows) or _is_variant(name, main)
        if counted[name] and not (tolerated and slip):
            main.append(name)
    # Texts that are empty, long or of many runs have no shape.
    if "" in main or sum(counted[one] for one in main) < (1 - tolerated) * rows:
        return ()
    # Beside shapes that are seldom themselves a still rarer one is no slip.
    if tolerated and len(main) > 1 and min(counted[one] for one in main) < _LEAST_OF_MAIN * rows:
        return ()
    return [shapes[one] for one in main]


def _are_words(found: Sequence[_Shape]) -> bool:
    """Return whether texts are several words of any length, such as names of towns.

    They have letters and blanks alone, and not all of them as many small letters. The next one has
    more words, or longer ones.
    """
    pieces = [piece for one in found for piece in one.runs]
    runs = [one for one in pieces if isinstance(one, _Run)]
    between = {one for one in pieces if isinstance(one, str)}
    if between != {" "} or any(one.kind == "0" for one in runs):
        return False
    return any(one.kind == "a" and one.varies for one in runs)


def _is_variant(name: str, main: Sequence[str]) -> bool:
    """Return whether a shape is one of the others but for its case, or for blanks around."""
    folded = {one.casefold() for one in main}
    return name.strip() in main or name.casefold() in folded


def _pattern(found: Sequence[_Shape], times: Counts, tolerated: float) -> str:
    parts = sorted(one.pattern(times, tolerated) for one in found)
    inner = parts[0] if len(parts) == 1 else f"({'|'.join(parts)})"
    return rf"\A{inner}\z"
