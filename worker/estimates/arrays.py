"""Arrays that are never empty."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worker.estimates.estimate import Estimate, Estimator
from worker.kinds.column import Column, Flags, count_of
from worker.ranges.rare import most_of_one

__all__ = ["has_elements", "is_array"]

_FEWEST = 100


def is_array(column: Column) -> bool:
    """Return whether the values are arrays."""
    kind = column.values.type
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def has_elements(*, but_for_few: bool = False) -> Estimator:
    """Return the estimator of a rule that every row has an array with an element.

    A few rows may have none: as many as one slip makes.
    """

    def estimate(column: Column, rows: Flags) -> Estimate | None:
        count = count_of(rows)
        if not is_array(column) or count < _FEWEST:
            return None
        failing = count_of(_without(column) & rows)
        if failing > (most_of_one(count) if but_for_few else 0):
            return None
        return Estimate(
            "is_not_null_and_not_empty_array",
            {},
            _without,
            "Every row has an array with an element.",
            float(failing) or 1 / count,
        )

    return estimate


def _without(column: Column) -> Flags:
    """Return the rows without an array, or with an empty one."""
    lengths = pc.fill_null(pc.list_value_length(column.values), 0)
    flags: Flags = np.asarray(lengths.to_numpy(zero_copy_only=False)) == 0
    return flags
