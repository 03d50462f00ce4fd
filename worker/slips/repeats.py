"""How often values repeat by chance, if each is drawn from all that look alike."""

import math

import numpy as np

from worker.kinds.column import Column

__all__ = ["expected_repeats", "is_chance"]

_FIRST = 10_000
"""Different texts whose characters are counted."""
_LONGEST = 40
_NEVER = 0.01
"""The probability below which it is no chance."""
_MANY = 50.0
"""Repeats from which on their number is nearly normal."""


def expected_repeats(column: Column, rows: int) -> float:
    """Return how many of so many values repeat another one by chance; 0 if no one can know.

    Whole numbers are drawn from those between the least and the greatest, texts from the characters
    at each place.
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
    texts = np.array([one.as_py().encode()[:_LONGEST] for one in different.slice(0, _FIRST)])
    places = texts.view(np.uint8).reshape(len(texts), -1)
    sizes = [np.count_nonzero(np.bincount(place)) for place in places.T]
    return float(np.prod(np.array(sizes, dtype=np.float64)))
