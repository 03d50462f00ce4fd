"""How far values may go beyond the greatest that was seen.

The greatest values of a sample are described by a generalized Pareto distribution: the excesses
over a high threshold follow one, whatever the distribution of the values, as the threshold grows
(Pickands 1975; Balkema and de Haan 1974). Its two parameters are estimated by probability-weighted
moments (Hosking and Wallis 1987), which are stable for few excesses.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tail", "upper_tail"]

_FEWEST = 8
"""The least number of excesses that say anything."""
_SHARE = 0.25
"""The greatest share of the values that counts as a tail."""
_LEAST_SHAPE, _GREATEST_SHAPE = -0.5, 1.0
_CAUTION = 1.0
"""Standard errors by which the shape is taken for heavier than it was estimated."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The upper end of a column's values."""

    greatest: float
    threshold: float
    share: float
    """Of the values that exceed the threshold, or equal it."""
    scale: float
    shape: float
    """Above 0 the tail is heavy; below 0 it has an end."""

    def bound(self, values: int, expected: float) -> float:
        """Return the bound that so many of `values` further ones are expected to exceed."""
        if not self.scale:
            return self.greatest
        exceed = max(self.share * values / expected, 1.0)
        if abs(self.shape) < 1e-6:
            beyond = self.scale * math.log(exceed)
        else:
            beyond = self.scale / self.shape * (exceed**self.shape - 1)
        return max(self.greatest, self.threshold + beyond)

    def expected(self, values: int, bound: float) -> float:
        """Return how many of `values` further ones are expected to exceed the bound."""
        if bound < self.threshold:
            return values * self.share
        if not self.scale:
            return 0.0
        over = (bound - self.threshold) / self.scale
        if abs(self.shape) < 1e-6:
            return values * self.share * math.exp(-over)
        inside = max(0.0, 1 + self.shape * over)
        return float(values * self.share * inside ** (-1 / self.shape)) if inside else 0.0


def upper_tail(values: NDArray[np.float64]) -> Tail | None:
    """Return the tail of sorted values; None if they are too few."""
    count = len(values)
    size = min(max(_FEWEST, round(1.5 * math.sqrt(count))), int(count * _SHARE))
    if size < _FEWEST:
        return None
    top = values[count - size - 1 :]
    greatest = float(top[-1])
    if top[0] == greatest:
        # The greatest value is one of many: it is an end, such as that of a scale from 1 to 5.
        return Tail(greatest, greatest, size / count, 0.0, 0.0)
    top = _spread(top)
    threshold = float(top[0])
    excesses = top[1:] - threshold
    mean = float(excesses.mean())
    if not mean or not math.isfinite(mean):
        return Tail(greatest, threshold, size / count, 0.0, 0.0)
    weights = 1 - (np.arange(1, size + 1) - 0.35) / size
    weighted = float((weights * excesses).mean())
    between = mean - 2 * weighted
    shape = 2 - mean / between if between > 0 else _GREATEST_SHAPE
    shape = min(max(shape + _CAUTION / math.sqrt(size), _LEAST_SHAPE), _GREATEST_SHAPE)
    # The scale for which the mean excess is the one that was seen.
    scale = mean * (1 - min(shape, 0.75))
    return Tail(greatest, threshold, size / count, scale, shape)


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sorted values of which equal ones are spread evenly over the step between values.

    Numbers that are rounded stand for any number of their step; taken as they are, a tail of few
    steps looks as if it had an end.
    """
    found, starts, counts = np.unique(values, return_index=True, return_counts=True)
    if len(found) == len(values):
        return values
    step = float(np.diff(found).min())
    places = np.arange(len(values)) - np.repeat(starts, counts)
    return values + step * ((places + 0.5) / np.repeat(counts, counts) - 0.5)
