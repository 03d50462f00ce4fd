"""How far values may go beyond the greatest that was seen.

The greatest values of a sample are described by a generalized Pareto distribution: the excesses
over a high threshold follow one, whatever the distribution of the values, as the threshold grows
(Pickands 1975; Balkema and de Haan 1974). Its two parameters are estimated by probability-weighted
moments (Hosking and Wallis 1987), which are stable for few excesses.
"""

import math
from dataclasses import dataclass

import numpy as np

from worker.kinds.column import Numbers

__all__ = ["Tail", "size_of_tail", "upper_tail"]

_FEWEST = 8
"""The least number of excesses that say anything."""
_SHARE = 0.25
"""The greatest share of the values that counts as a tail."""
_LEAST_SHAPE, _GREATEST_SHAPE = 0.0, 1.0
"""Below 0 a tail has an end. Few excesses often look as if it had one."""
_CAUTION = 1.0
"""Standard errors by which the shape is taken for heavier than it was estimated."""
_LEAST_OF_SCALE = 0.25
"""The least scale, as a share of the mean excess."""
_EXPONENTIAL = 1e-6
"""A shape so close to 0 is that of an exponential distribution."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The upper end of a column's values."""

    greatest: float
    threshold: float
    share: float
    """Of the values that exceed the threshold, or equal it."""
    scale: float
    """0 if the greatest value is an end that many values reach."""
    shape: float
    """Above 0 the tail is heavy; at 0 it is that of an exponential distribution."""

    def bound(self, values: int, expected: float) -> float:
        """Return the bound that so many of `values` further ones are expected to exceed."""
        if not self.scale:
            return self.greatest
        exceed = max(self.share * values / expected, 1.0)
        if abs(self.shape) < _EXPONENTIAL:
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
        if abs(self.shape) < _EXPONENTIAL:
            return values * self.share * math.exp(-over)
        inside = max(0.0, 1 + self.shape * over)
        return float(values * self.share * inside ** (-1 / self.shape)) if inside else 0.0


def size_of_tail(count: int) -> int:
    """Return how many of so many values are the excesses; 0 if the values are too few."""
    size = min(max(_FEWEST, round(1.5 * math.sqrt(count))), int(count * _SHARE))
    return size if size >= _FEWEST else 0


def upper_tail(values: Numbers) -> Tail | None:
    """Return the tail of sorted values; None if they are too few."""
    count = len(values)
    size = size_of_tail(count)
    if not size:
        return None
    top = values[count - size - 1 :]
    greatest, share = float(top[-1]), size / count
    if top[0] == greatest:
        # An end that many values reach, such as that of a scale from 1 to 5.
        return Tail(greatest, greatest, share, 0.0, 0.0)
    top = _spread(top)
    excesses = top[1:] - top[0]
    mean = float(np.add.reduce(excesses)) / size
    shape = _shape(excesses, mean) + _CAUTION / math.sqrt(size)
    shape = min(max(shape, _LEAST_SHAPE), _GREATEST_SHAPE)
    # The scale for which the mean excess is the one that was seen.
    scale = mean * max(1 - shape, _LEAST_OF_SCALE)
    return Tail(greatest, float(top[0]), share, scale, shape)


def _shape(excesses: Numbers, mean: float) -> float:
    """Return the shape by probability-weighted moments of sorted excesses."""
    size = len(excesses)
    weights = 1 - (np.arange(1, size + 1) - 0.35) / size
    between = mean - 2 * float(np.add.reduce(weights * excesses)) / size
    return 2 - mean / between if between > 0 else _GREATEST_SHAPE


def _spread(values: Numbers) -> Numbers:
    """Return sorted values of which equal ones are spread evenly over the step between values.

    Numbers that are rounded stand for any number of their step; taken as they are, a tail of few
    steps looks as if it had an end.
    """
    steps = values[1:] - values[:-1]
    if steps.all():
        return values
    step = float(steps[steps > 0].min())
    starts = np.flatnonzero(np.concatenate([[True], steps != 0]))
    counts = np.diff(starts, append=len(values))
    places = np.arange(len(values)) - np.repeat(starts, counts)
    spread: Numbers = values + step * ((places + 0.5) / np.repeat(counts, counts) - 0.5)
    return spread
