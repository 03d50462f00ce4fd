"""Keys: values of which each names one row."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Counts, Flags
from worker.slips.repeats import expected_repeats, is_chance

__all__ = ["unique"]

_FEWEST = 100
_EXPECTED = 0.001


def unique(tolerated: float = 0.0) -> Estimator:
    """Return the estimator of a rule that no value occurs twice, but in a share of the rows."""

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        times = column.times(rows)
        count = times.sum()
        repeated = times[_as_spark_counts(column, times) > 1].sum()
        if count < _FEWEST or repeated > tolerated * count:
            return None
        repeats = int(count - np.count_nonzero(times))
        by_chance = expected_repeats(column, int(count))
        if not is_chance(repeats, by_chance):
            by_chance = 0.0
        elif repeats:
            # Values drawn at random, of which some are the same.
            return None
        expected = max(_EXPECTED, 2 * by_chance)
        return Estimate("is_unique", {}, _repeated, "No value occurs twice.", expected)

    return estimate


def _repeated(column: Column) -> Flags:
    """Return the rows that share their value; null repeats freely."""
    return column.where(_as_spark_counts(column, column.times(column.filled)) > 1)


def _as_spark_counts(column: Column, times: Counts) -> Counts:
    """Return for each different value how often it occurs: -0.0 is 0.0 to Spark, not to Arrow."""
    if not pa.types.is_floating(column.values.type):
        return times
    alike = pc.dictionary_encode(pc.add(column.different, 0.0))
    codes = alike.indices.to_numpy()
    found: Counts = np.bincount(codes, weights=times).astype(np.int64)[codes]
    return found
