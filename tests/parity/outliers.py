"""What DQX's `has_no_outliers` says of a column, measured on its rows.

Its bounds are the median ± 3.5 median absolute deviations. Spark computes both with its default
accuracy of 10,000: the rank of each is off by 1 in 10,000 values at most, in stock DQX as in the
worker. Bounds may therefore differ; each side's have to be accurate, and its share of outliers has
to be that of its own bounds.
"""

import math
import re

from pyspark.sql import DataFrame

from tests.parity.ranks import ranks_near
from worker.counting.spark.queries import Leaf

__all__ = ["is_accurate", "same_but_for_numbers"]

_DESCRIPTION = re.compile(
    r"Column (?P<column>.*) has (?P<share>\S+)% of outliers \(allowed: (?P<allowed>\S+)%\)\."
    r" Lower boundary - (?P<low>\S+), upper boundary - (?P<high>\S+)\."
)
_REACH = 3.5
"""Median absolute deviations."""
_DIGITS = 1e-12
"""Of the bounds: they are sums of floating-point numbers."""


def same_but_for_numbers(one: str | None, other: str | None) -> bool:
    """Return whether two descriptions are of the same column and the same allowed share."""
    found = [_DESCRIPTION.fullmatch(each or "") for each in (one, other)]
    first, second = ([each["column"], each["allowed"]] if each else None for each in found)
    return first is not None and first == second


def is_accurate(frame: DataFrame, leaf: Leaf, description: str) -> bool:
    """Return whether a description is as accurate as Spark's percentiles."""
    said = _DESCRIPTION.fullmatch(description)
    assert said is not None
    low, high = float(said["low"]), float(said["high"])
    if not (math.isfinite(low) and math.isfinite(high)):
        return False
    median, deviation = (low + high) / 2, (high - low) / 2 / _REACH
    values = frame.select(leaf.raw.cast("double").alias("v")).where("v IS NOT NULL")
    distances = values.selectExpr(f"abs(v - {median!r}D) AS v")
    outside, rows = values.selectExpr(
        f"count_if(v < {low!r}D OR v > {high!r}D)", "count(*)"
    ).collect()[0]
    margin = _DIGITS * max(abs(low), abs(high))
    return (
        ranks_near(values, median, 0.5, margin)
        and ranks_near(distances, deviation, 0.5, margin)
        and f"{outside / rows * 100:.1f}" == said["share"]
    )
