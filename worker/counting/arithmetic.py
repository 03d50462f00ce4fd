"""Spark's arithmetic over a column in the order of its rows, to the last bit.

Floating-point sums depend on their order; Spark adds row by row if all rows are in one
partition, as those of a limited sample are. The formulas are those of Spark 4: `Average`,
`CentralMomentAgg`, `ApproximatePercentile` with `QuantileSummaries`.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXACT", "means", "ranks_of", "stddevs"]

Floats = NDArray[np.float64]

EXACT = 50_000
"""Below this many values, which ones Spark's percentiles are depends on their number alone."""

_ACCURACY = 10_000
# Columns side by side in a matrix of at most that many values.
_BLOCK = 4_000_000
# A row of fewer numbers costs numpy more than Python.
_WIDE = 30


def means(columns: Sequence[Floats]) -> list[float | None]:
    """Return the mean of each column, added up from its first value to its last; None of none."""
    with np.errstate(all="ignore"):
        # From a positive zero on, as Spark.
        return [
            (float(np.cumsum(one)[-1]) + 0.0) / len(one) if len(one) else None for one in columns
        ]


def stddevs(columns: Sequence[Floats]) -> list[float | None]:
    """Return the standard deviation of each column as a sample; None of fewer than two values."""
    found: list[float | None] = [None] * len(columns)
    for block in _blocks(columns):
        chosen = [columns[index] for index in block]
        with np.errstate(all="ignore"):
            moments = _side_by_side(chosen) if len(chosen) >= _WIDE else map(_moment, chosen)
            for index, moment in zip(block, moments, strict=True):
                count = len(columns[index])
                if count > 1:
                    found[index] = float(np.sqrt(moment / (count - 1)))
    return found


def _blocks(columns: Sequence[Floats]) -> Iterator[list[int]]:
    """Return the indexes of the columns in groups, the longest first."""
    order = sorted(range(len(columns)), key=lambda index: -len(columns[index]))
    begin = 0
    while begin < len(order):
        rows = max(1, len(columns[order[begin]]))
        end = begin + max(1, _BLOCK // rows)
        yield order[begin:end]
        begin = end


def _moment(column: Floats) -> float:
    """Return the sum of squared distances to the mean."""
    mean = moment = 0.0
    for count, value in enumerate(column.tolist(), 1):
        delta = value - mean
        step = delta / count
        mean += step
        moment += delta * (delta - step)
    return moment


def _side_by_side(columns: Sequence[Floats]) -> Floats:
    """Return the same of columns that never get longer, with one step a row for all of them."""
    rows = len(columns[0])
    matrix = np.zeros((rows, len(columns)))
    for index, column in enumerate(columns):
        matrix[: len(column), index] = column
    mean, moment = np.zeros(len(columns)), np.zeros(len(columns))
    begin = 0
    # Up to the end of each column, the shortest one first, all that are left have a value.
    for width in range(len(columns), 0, -1):
        end = len(columns[width - 1])
        centre, total = mean[:width], moment[:width]
        for count, values in enumerate(matrix[begin:end, :width], begin + 1):
            delta = values - centre
            step = delta / float(count)
            centre += step
            delta *= delta - step
            total += delta
        begin = end
    return moment


@lru_cache(maxsize=4096)
def ranks_of(percentages: tuple[float, ...], count: int) -> tuple[int, ...]:
    """Return which of `count` sorted values, from 0 on, Spark takes for ascending percentiles.

    From `EXACT` values on that depends on the values themselves, and on how they are spread over
    partitions: these are the ranks that Spark approximates to 1 in 10,000.
    """
    if count >= EXACT:
        return tuple(max(0, math.ceil(one * count) - 1) for one in percentages)
    samples = _compressed(count)
    target = max(one.width + one.slack for one in samples) // 2
    position, rank = 0, samples[0].width
    found = []
    for percentage in percentages:
        if percentage <= 1 / _ACCURACY:
            found.append(0)
            continue
        if percentage >= 1 - 1 / _ACCURACY:
            found.append(count - 1)
            continue
        wanted = math.ceil(percentage * count)
        while position < len(samples) - 1:
            if rank + samples[position].slack - target <= wanted <= rank + target:
                break
            position += 1
            rank += samples[position].width
        else:
            rank = 0
        found.append(samples[position].place)
    return tuple(found)


class _Sample(NamedTuple):
    """A value that is kept: `g` and `delta` in the paper of Greenwald and Khanna."""

    place: int
    width: int
    slack: int


def _compressed(count: int) -> list[_Sample]:
    """Return which of `count` sorted values are kept, as if they had come in one batch."""
    samples = [_Sample(0, 1, 0)]
    samples += [_Sample(n, 1, 2 * (n + 1) // _ACCURACY) for n in range(1, count - 1)]
    if count > 1:
        samples.append(_Sample(count - 1, 1, 0))
    threshold = 2 * count / _ACCURACY
    kept: list[_Sample] = []
    head = samples[-1]
    for sample in reversed(samples[1:-1]):
        if sample.width + head.width + head.slack < threshold:
            head = head._replace(width=head.width + sample.width)
        else:
            kept.append(head)
            head = sample
    kept.append(head)
    if count > 1:
        kept.append(samples[0])
    return kept[::-1]
