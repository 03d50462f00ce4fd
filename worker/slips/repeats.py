"""How many values repeat by chance, if each is drawn at random from all that look alike."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.kinds.column import Column

__all__ = ["expected_repeats", "is_chance"]

_FIRST = 10_000
"""Different texts whose bytes are counted."""
_LONGEST = 40
"""Bytes of a text that are looked at."""
_NEVER = 0.01
"""The probability below which a number of repeats is not left to chance."""
_MANY = 50.0
"""Expected repeats from which on their number is nearly normally distributed."""


def expected_repeats(column: Column, rows: int) -> float:
    """Return how many of so many values repeat another one by chance; 0 if that is unknown.

    Whole numbers are drawn from those between the least and the greatest, texts from the bytes that
    occur at each place.
    """
    space = _space(column)
    return 0.0 if space is None else rows * rows / (2 * space)


def is_chance(repeats: int, expected: float) -> bool:
    """Return whether so many repeats are neither too many nor too few for chance."""
    if expected > _MANY:
        return abs(repeats - expected) <= 3 * math.sqrt(expected)
    terms = [math.exp(-expected)]
    for count in range(1, repeats + 1):
        terms.append(terms[-1] * expected / count)
    return sum(terms) > _NEVER and 1 - sum(terms[:-1]) > _NEVER


def _space(column: Column) -> float | None:
    different = column.different
    if not len(different):
        return None
    if column.is_whole:
        return float(column.ordered[-1] - column.ordered[0]) + 1
    if not column.is_text:
        return None
    # As bytes: texts need not be proper UTF-8.
    stored = pc.cast(different.slice(0, _FIRST), pa.large_binary())
    texts = np.array(pc.binary_slice(stored, 0, _LONGEST).to_pylist())
    places = texts.view(np.uint8).reshape(len(texts), -1)
    sizes = [np.count_nonzero(np.bincount(place)) for place in places.T]
    return float(np.prod(np.array(sizes, dtype=np.float64)))
